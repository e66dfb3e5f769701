#include "rz/health/checks/ping_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <utility>

#include "rz/base/duration.h"
#include "rz/base/text.h"
#include "rz/base/try.h"
#include "rz/health/checks/basic_check.h"
#include "rz/health/judging/measured_limits.h"

namespace rz::health {
namespace {

using std::chrono::steady_clock;
using Ip = PingCheckOptions::Ip;

constexpr Choice<Ip> kVersions[] = {{"any", Ip::any}, {"ipv4", Ip::v4}, {"ipv6", Ip::v6}};

/// What came back.
struct Echoes {
  int sent = 0;
  std::map<std::uint16_t, Micros> took;  ///< By sequence; one that comes twice counts once.
  std::string complaint;                 ///< What somebody on the way said instead.

  double loss_percent() const { return 100.0 * (sent - static_cast<int>(took.size())) / sent; }
};

double in_ms(Micros time) { return std::chrono::duration<double, std::milli>(time).count(); }

class PingCheck final : public BasicCheck {
 public:
  PingCheck(PingCheckOptions options, EchoSocketOpener opener)
      : BasicCheck(PingCheckOptions::kType, options),
        options_(std::move(options)),
        opener_(std::move(opener)) {}

  bool shares_thread() const override { return true; }

  CheckResult check() override {
    // The rest is for telling what came, before the check is given up.
    const Deadline end = steady_clock::now() + timeout() * 9 / 10;
    Value metadata = Value::object({{"host", options_.host}});
    auto socket = open(end);
    if (!socket) return failed(at_host(socket.error()), std::move(metadata));
    metadata.set("way", (*socket)->way());
    const auto echoes = exchange(**socket, end);
    if (!echoes) return failed(at_host(echoes.error()), std::move(metadata));
    return judge(*echoes, std::move(metadata));
  }

 private:
  Error at_host(Error error) const {
    error.where = printable(options_.host);
    return error;
  }

  Result<std::unique_ptr<net::EchoSocket>> open(Deadline end) const {
    TRY_ASSIGN(const net::SocketAddresses addresses, net::resolve(options_.host, 0, end));
    const auto wanted =
        std::find_if(addresses.begin(), addresses.end(), [&](const net::SocketAddress& address) {
          const int family = address.storage.ss_family;
          return options_.ip == Ip::any || (options_.ip == Ip::v6) == (family == AF_INET6);
        });
    if (wanted != addresses.end()) return opener_(*wanted);
    return fail(ErrorCode::unavailable,
                std::string("has no address of IPv") + (options_.ip == Ip::v6 ? "6" : "4"));
  }

  // Sends one request after the other and reads what comes meanwhile.
  Result<Echoes> exchange(net::EchoSocket& socket, Deadline end) const {
    const auto begin = steady_clock::now();
    Echoes echoes;
    for (int i = 0; i < options_.count; ++i) {
      const bool last = i + 1 == options_.count;
      if (i > 0 && steady_clock::now() >= end) break;
      auto sent = socket.send(static_cast<std::uint16_t>(i + 1));
      if (!sent && sent.error().own_side) return fail(std::move(sent).error());
      // A refusal tells of the request before, or that somebody on the way knows no way.
      if (!sent) echoes.complaint = sent.error().message;
      ++echoes.sent;
      read_until(socket, last ? end : std::min(end, begin + (i + 1) * options_.interval), last,
                 echoes);
    }
    return echoes;
  }

  // `last`: nothing more is sent, so it ends with the last answer.
  void read_until(net::EchoSocket& socket, Deadline until, bool last, Echoes& echoes) const {
    for (int complaints = 0; complaints < options_.count;) {
      if (last && static_cast<int>(echoes.took.size()) == echoes.sent) return;
      const auto reply = socket.receive(until);
      if (reply) {
        echoes.took.emplace(reply->sequence, reply->took);
      } else if (reply.error().code == ErrorCode::timeout) {
        return;
      } else {
        echoes.complaint = reply.error().message;
        ++complaints;
      }
    }
  }

  CheckResult judge(const Echoes& echoes, Value metadata) const {
    const double loss = echoes.loss_percent();
    metadata.set("sent", echoes.sent);
    metadata.set("received", echoes.took.size());
    metadata.set("loss_percent", loss);
    set_most(metadata, "loss_percent", options_.loss_warning, options_.loss_critical);
    const std::string head = fmt::format("{}: got {} of {} answers", printable(options_.host),
                                         echoes.took.size(), echoes.sent);
    if (echoes.took.empty()) {
      const std::string why = echoes.complaint.empty() ? "" : " (" + echoes.complaint + ")";
      CheckResult result = answer(HealthStatus::unhealthy, head + why, std::move(metadata));
      result.failure = Error{ErrorCode::timeout, result.message, {}};
      return result;
    }
    Micros sum{0};
    Micros least = echoes.took.begin()->second, most = least;
    for (const auto& [sequence, took] : echoes.took) {
      sum += took;
      least = std::min(least, took);
      most = std::max(most, took);
    }
    const Micros average = sum / static_cast<int>(echoes.took.size());
    metadata.set("rtt_min_ms", in_ms(least));
    metadata.set("rtt_avg_ms", in_ms(average));
    metadata.set("rtt_max_ms", in_ms(most));
    set_most(metadata, "rtt_avg_ms",
             LatencyLimits{.warning = options_.rtt_warning, .critical = options_.rtt_critical});
    HealthStatus status = HealthStatus::healthy;
    std::string message = head;
    judge_loss(loss, status, message);
    judge_time(average, status, message);
    return answer(status, std::move(message), std::move(metadata));
  }

  void judge_loss(double loss, HealthStatus& status, std::string& message) const {
    const bool critical = loss >= options_.loss_critical;
    if (loss <= 0 || (!critical && loss < options_.loss_warning)) return;
    status = critical ? HealthStatus::unhealthy : HealthStatus::degraded;
    message +=
        fmt::format(", {:.1f} % are lost ({} from {} %)", loss, critical ? "critical" : "warning",
                    format_double(critical ? options_.loss_critical : options_.loss_warning));
  }

  void judge_time(Micros average, HealthStatus& status, std::string& message) const {
    message += fmt::format(", {:.2f} ms on average", in_ms(average));
    const auto exceeds = [&](const std::optional<Millis>& limit) {
      return limit && average >= *limit;
    };
    const bool critical = exceeds(options_.rtt_critical);
    if (!critical && !exceeds(options_.rtt_warning)) return;
    status = worst(status, critical ? HealthStatus::unhealthy : HealthStatus::degraded);
    message +=
        fmt::format(" ({} from {})", critical ? "critical" : "warning",
                    format_duration(critical ? *options_.rtt_critical : *options_.rtt_warning));
  }

  PingCheckOptions options_;
  EchoSocketOpener opener_;
};

constexpr std::string_view kNeverApplies = "is above 'critical', so it would never apply";

void visit_limits(FieldVisitor& fields, PingCheckOptions& options) {
  fields.section({"loss", "The share of the answers that is lost."}, [&](FieldVisitor& loss) {
    loss.percent({"warning", "From this share on it is degraded."}, options.loss_warning);
    loss.percent({"critical", "From this share on it is unhealthy."}, options.loss_critical);
    if (options.loss_warning > options.loss_critical) {
      loss.error("warning", std::string(kNeverApplies));
    }
  });
  fields.section({"rtt", "How long an answer takes on average."}, [&](FieldVisitor& rtt) {
    rtt.duration({"warning", "From this time on it is degraded.", "100ms"}, options.rtt_warning,
                 kTimeoutRange);
    rtt.duration({"critical", "From this time on it is unhealthy.", "500ms"}, options.rtt_critical,
                 kTimeoutRange);
    if (options.rtt_warning && options.rtt_critical &&
        *options.rtt_warning > *options.rtt_critical) {
      rtt.error("warning", std::string(kNeverApplies));
    }
  });
}

}  // namespace

void visit_fields(FieldVisitor& fields, PingCheckOptions& options) {
  fields.text({.key = "host",
               .sentence = "A name or an address.",
               .example = "router.internal",
               .needed_by = "a ping check",
               .when_empty = "is empty; name a host"},
              options.host);
  fields.choice({"ip", "The version of IP; any: that of the first address."}, options.ip,
                std::span<const Choice<Ip>>(kVersions));
  fields.integer({"count", "How many requests are sent."}, options.count, {1, 100});
  fields.duration({"interval", "The time from one to the next."}, options.interval,
                  {Millis{10}, std::chrono::minutes{1}});
  visit_limits(fields, options);
}

std::shared_ptr<HealthCheck> make_ping_check(PingCheckOptions options, EchoSocketOpener opener) {
  return std::make_shared<PingCheck>(std::move(options), std::move(opener));
}

std::shared_ptr<HealthCheck> make_health_check(const PingCheckOptions& options,
                                               const CheckDependencies&) {
  return make_ping_check(options);
}

}  // namespace rz::health
