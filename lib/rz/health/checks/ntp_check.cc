#include "rz/health/checks/ntp_check.h"

#include <fmt/format.h>

#include <cmath>

#include "rz/base/duration.h"
#include "rz/base/text.h"
#include "rz/health/checks/basic_check.h"
#include "rz/health/judging/measured_limits.h"
#include "rz/net/sntp.h"

namespace rz::health {
namespace {

// `0.4 ms`, but `1h 2m` of what is no matter of milliseconds.
std::string shown(double seconds) {
  if (seconds < 1) return fmt::format("{:.1f} ms", seconds * 1000);
  // The offset of a clock that was never set is some decades.
  return humanize_duration(Micros{static_cast<Micros::rep>(seconds * 1'000'000)});
}

class NtpCheck final : public BasicCheck {
 public:
  NtpCheck(NtpCheckOptions options, Clock& clock)
      : BasicCheck(NtpCheckOptions::kType, options), options_(std::move(options)), clock_(clock) {}

  bool shares_thread() const override { return true; }

  CheckResult check() override {
    Value metadata = Value::object({{"server", options_.server}});
    const auto answer = net::ask_time(options_.server, options_.port, clock_,
                                      std::chrono::steady_clock::now() + timeout());
    if (!answer) {
      Error error = answer.error();
      error.where = printable(options_.server);
      return failed(error, std::move(metadata));
    }
    metadata.set("offset_seconds", answer->offset_seconds);
    metadata.set("delay_seconds", answer->delay_seconds);
    metadata.set("stratum", answer->stratum);
    const double warning = std::chrono::duration<double>(options_.warning).count();
    const double critical = std::chrono::duration<double>(options_.critical).count();
    set_range(metadata, "offset_seconds", "warning", -warning, warning);
    set_range(metadata, "offset_seconds", "critical", -critical, critical);
    return judge_offset(*answer, std::move(metadata));
  }

 private:
  CheckResult judge_offset(const net::SntpAnswer& answer, Value metadata) const {
    const double offset = std::abs(answer.offset_seconds);
    const double error = answer.delay_seconds / 2;
    const auto reaches = [&](Millis limit) {
      return offset >= std::chrono::duration<double>(limit).count();
    };
    // Whether the way of the answer leaves it open on which side of the limit the offset is.
    const auto uncertain = [&](Millis limit) {
      return std::abs(offset - std::chrono::duration<double>(limit).count()) < error;
    };
    std::string message =
        fmt::format("{}: this clock is {} {} (stratum {})", printable(options_.server),
                    shown(offset), answer.offset_seconds > 0 ? "behind" : "ahead", answer.stratum);
    if (uncertain(options_.warning) || uncertain(options_.critical)) {
      message +=
          fmt::format(", give or take {:.1f} ms, since the answer took that long", error * 1000);
      return this->answer(HealthStatus::unknown, std::move(message), std::move(metadata));
    }
    if (!reaches(options_.warning)) {
      return this->answer(HealthStatus::healthy, std::move(message), std::move(metadata));
    }
    const bool critical = reaches(options_.critical);
    message += std::string(critical ? ", critical" : ", warning") + " from " +
               format_duration(critical ? options_.critical : options_.warning) +
               "; does chronyd or systemd-timesyncd run here, and reach its servers?";
    return this->answer(critical ? HealthStatus::unhealthy : HealthStatus::degraded,
                        std::move(message), std::move(metadata));
  }

  NtpCheckOptions options_;
  Clock& clock_;
};

}  // namespace

void visit_fields(FieldVisitor& fields, NtpCheckOptions& options) {
  fields.text({.key = "server",
               .sentence = "The time server, by name or address.",
               .example = "time.internal",
               .needed_by = "an ntp check",
               .when_empty = "is empty; name a server"},
              options.server);
  fields.integer<std::uint16_t>({"port", "Its UDP port."}, options.port, {1, 65535});
  fields.duration({"warning", "From this offset of the clock on it is degraded."}, options.warning,
                  kTimeoutRange);
  fields.duration({"critical", "From this offset of the clock on it is unhealthy."},
                  options.critical, kTimeoutRange);
  if (options.warning > options.critical) {
    fields.error("warning", "is above 'critical', so it would never apply");
  }
}

std::shared_ptr<HealthCheck> make_ntp_check(NtpCheckOptions options, Clock& clock) {
  return std::make_shared<NtpCheck>(std::move(options), clock);
}

std::shared_ptr<HealthCheck> make_health_check(const NtpCheckOptions& options,
                                               const CheckDependencies& dependencies) {
  return make_ntp_check(options, dependencies.clock);
}

}  // namespace rz::health
