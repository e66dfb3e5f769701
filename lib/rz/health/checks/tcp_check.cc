#include "rz/health/checks/tcp_check.h"

#include <array>

#include "rz/base/duration.h"
#include "rz/base/text.h"
#include "rz/health/checks/basic_check.h"
#include "rz/net/transport.h"
#include "rz/net/url.h"

namespace rz::health {
namespace {

using SteadyClock = std::chrono::steady_clock;

// A server that never stops sending must not fill the memory.
constexpr std::size_t kMaxAnswerBytes = 64 * 1024;
constexpr std::size_t kMaxShownColumns = 60;

/// What came back, up to the expected text or until nothing more came.
struct Answer {
  std::string text;
  bool found = false;
  std::optional<Error> ended_by{};  ///< Nothing: it was found, or there was enough of it.
};

Answer read_answer(Transport& transport, const std::string& expect, Deadline deadline) {
  Answer answer;
  std::array<char, 4096> buffer{};
  while (answer.text.size() < kMaxAnswerBytes) {
    const auto read = transport.read_some(buffer, deadline);
    if (!read) {
      answer.ended_by = read.error();
      return answer;
    }
    // The expected text may have begun in an earlier read.
    const std::size_t from = answer.text.size() - std::min(answer.text.size(), expect.size());
    answer.text.append(buffer.data(), *read);
    answer.found = answer.text.find(expect, from) != std::string::npos;
    if (answer.found) return answer;
  }
  return answer;
}

class TcpCheck final : public BasicCheck {
 public:
  explicit TcpCheck(TcpCheckOptions options)
      : BasicCheck(TcpCheckOptions::kType, options), options_(std::move(options)) {}

  bool shares_thread() const override { return true; }

  CheckResult check() override {
    const auto begin = SteadyClock::now();
    const Deadline deadline = begin + timeout();
    Value metadata = Value::object({{"address", options_.address}});
    const auto address = net::parse_host_port(options_.address);
    if (!address) {
      const Error error{ErrorCode::invalid_argument, "is not an address", options_.address};
      return failed(error, std::move(metadata));
    }
    auto transport = connect_tcp(address->host, address->port, deadline);
    if (!transport) return failed(at_address(transport.error()), std::move(metadata));
    if (!options_.send.empty()) {
      const auto sent = (*transport)->write_all(options_.send, deadline);
      if (!sent) return failed(at_address(sent.error()), std::move(metadata));
    }
    if (!options_.expect.empty()) {
      const Answer answer = read_answer(**transport, options_.expect, deadline);
      if (!answer.found) return not_expected(answer, std::move(metadata));
    }
    return done(std::chrono::duration_cast<Micros>(SteadyClock::now() - begin),
                std::move(metadata));
  }

 private:
  Error at_address(Error error) const {
    error.where = options_.address;
    return error;
  }

  // An unexpected answer is degraded: the server works, but not as it should. Silence is a failure.
  CheckResult not_expected(const Answer& answer, Value metadata) const {
    if (answer.text.empty()) return failed(at_address(*answer.ended_by), std::move(metadata));
    std::string message = options_.address + " answers, but not as expected";
    // Many servers repeat what they were sent, and a password may be in it.
    if (options_.send.empty()) {
      message +=
          ": '" +
          ellipsize(printable(answer.text.substr(0, 4 * kMaxShownColumns)), kMaxShownColumns) + "'";
    }
    return this->answer(HealthStatus::degraded, std::move(message), std::move(metadata));
  }

  CheckResult done(Micros took, Value metadata) const {
    metadata.set("duration_ms", std::chrono::duration<double, std::milli>(took).count());
    const std::string message =
        options_.address +
        (options_.expect.empty() ? " accepts connections" : " answers as expected");
    if (!options_.latency_warning || took <= *options_.latency_warning) {
      return answer(HealthStatus::healthy, message, std::move(metadata));
    }
    return answer(HealthStatus::degraded,
                  message + ", but took " + humanize_duration(took) + " (warning from " +
                      format_duration(*options_.latency_warning) + ")",
                  std::move(metadata));
  }

  TcpCheckOptions options_;
};

}  // namespace

void visit_fields(FieldVisitor& fields, TcpCheckOptions& options) {
  const bool given = fields.text({.key = "address",
                                  .sentence = "Host and port.",
                                  .example = "db.internal:5432",
                                  .needed_by = "a tcp check",
                                  .when_empty = "is empty; name a host and port"},
                                 options.address);
  if (given && !net::parse_host_port(options.address)) {
    fields.value_error("address", "is not an address; write it like db.internal:5432 or [::1]:22",
                       "is not an address like db.internal:5432");
  }
  fields.text({"send", "A text that is sent first; empty: nothing is sent.", R"("PING\r\n")"},
              options.send);
  fields.text({"expect", "A text that must come back; empty: a connection is enough.", "PONG"},
              options.expect);
  fields.duration({"latency_warning", "Taking longer than this is degraded.", "200ms"},
                  options.latency_warning, kTimeoutRange);
}

std::shared_ptr<HealthCheck> make_tcp_check(TcpCheckOptions options) {
  return std::make_shared<TcpCheck>(std::move(options));
}

std::shared_ptr<HealthCheck> make_health_check(const TcpCheckOptions& options,
                                               const CheckDependencies&) {
  return make_tcp_check(options);
}

}  // namespace rz::health
