#include "rz/health/checks/tcp_check.h"

#include <algorithm>
#include <array>
#include <utility>

#include "rz/base/duration.h"
#include "rz/base/text.h"
#include "rz/health/checks/basic_check.h"
#include "rz/health/clients/tls_handshake.h"
#include "rz/health/judging/latency.h"
#include "rz/health/judging/measured_limits.h"
#include "rz/net/net_fields.h"
#include "rz/net/transport.h"
#include "rz/net/url.h"

namespace rz::health {
namespace {

using SteadyClock = std::chrono::steady_clock;

std::vector<TcpStep> steps_of(const TcpCheckOptions& options) {
  std::vector<TcpStep> steps;
  if (!options.send.empty()) steps.push_back({TcpStep::Kind::send, options.send});
  if (!options.expect.empty()) steps.push_back({TcpStep::Kind::expect, options.expect});
  steps.insert(steps.end(), options.dialogue.begin(), options.dialogue.end());
  return steps;
}

// How often a dialogue changes to TLS.
int changes_to_tls(const std::vector<TcpStep>& steps) {
  return static_cast<int>(std::count_if(steps.begin(), steps.end(), [](const TcpStep& step) {
    return step.kind == TcpStep::Kind::starttls;
  }));
}

class TcpCheck final : public BasicCheck {
 public:
  TcpCheck(TcpCheckOptions options, Clock& clock)
      : BasicCheck(TcpCheckOptions::kType, options),
        options_(std::move(options)),
        steps_(steps_of(options_)),
        handshake_(options_.tls_options),
        clock_(clock) {}

  bool shares_thread() const override { return true; }

  void prepare() override {
    if (options_.tls || options_.starttls != net::StartTls::none || changes_to_tls(steps_) > 0) {
      handshake_.prepare();
    }
  }

  CheckResult check() override {
    const HeldUp held_up;
    const auto begin = SteadyClock::now();
    const Deadline deadline = begin + timeout();
    Value metadata = Value::object({{"address", options_.address}});
    secured_ = nullptr;
    phases_ = {};
    const auto address = net::parse_host_port(options_.address);
    if (!address) {
      const Error error{ErrorCode::invalid_argument, "is not an address", options_.address};
      return failed(error, std::move(metadata));
    }
    auto transport = connect(*address, deadline);
    if (!transport) return not_connected(transport.error(), std::move(metadata));
    TcpDialogue dialogue(
        *std::move(transport),
        [&](std::unique_ptr<net::Transport> plain) {
          return secured(std::move(plain), net::StartTls::none, address->host, deadline);
        },
        deadline);
    if (auto failure = dialogue.run(steps_)) return unexpected(*failure, std::move(metadata));
    const auto took = std::chrono::duration_cast<Micros>(SteadyClock::now() - begin);
    phases_.first_byte = dialogue.first_byte();
    CheckResult result = done(took, std::move(metadata));
    judge_time(took, held_up.so_far(), result);
    if (secured_) handshake_.judge_acceptance(*secured_, options_.address + ": ", deadline, result);
    return result;
  }

 private:
  Result<std::unique_ptr<net::Transport>> connect(const net::HostPort& address, Deadline deadline) {
    net::ConnectReport report;
    auto plain = net::connect_tcp(address.host, address.port, deadline, &report);
    phases_.dns = report.look_up;
    phases_.connect = report.connect;
    refused_ = report.refused;
    const bool at_once = options_.tls || options_.starttls != net::StartTls::none;
    if (!plain || !at_once) return plain;
    return secured(*std::move(plain), options_.starttls, address.host, deadline);
  }

  Result<std::unique_ptr<net::Transport>> secured(std::unique_ptr<net::Transport> plain,
                                                  net::StartTls protocol, const std::string& host,
                                                  Deadline deadline) {
    const auto begin = SteadyClock::now();
    auto transport = handshake_.over(std::move(plain), protocol, host, deadline);
    if (!transport) return fail(std::move(transport).error());
    phases_.tls = std::chrono::duration_cast<Micros>(SteadyClock::now() - begin);
    secured_ = transport->get();
    return *std::move(transport);
  }

  // The place of an error of this side is a file.
  Error at_address(Error error) const {
    error.message = to_string(error);
    error.where = options_.address;
    return error;
  }

  // That a port is closed is what the host has answered, so that it may be what is wanted (invert).
  CheckResult not_connected(const Error& error, Value metadata) const {
    CheckResult result = failed(at_address(error), std::move(metadata));
    if (!refused_) return result;
    result.failure.reset();
    result.message = error.message + " (" + options_.address + ")";
    return result;
  }

  // An unexpected answer is degraded: the server works, but not as it should. Silence is a failure.
  CheckResult unexpected(const TcpDialogueFailure& failure, Value metadata) const {
    if (!failure.answered) return failed(at_address(failure.error), std::move(metadata));
    return answer(HealthStatus::degraded, to_string(at_address(failure.error)),
                  std::move(metadata));
  }

  CheckResult done(Micros took, Value metadata) const {
    const bool asked = std::any_of(steps_.begin(), steps_.end(), [](const TcpStep& step) {
      return step.kind == TcpStep::Kind::expect || step.kind == TcpStep::Kind::expect_regex;
    });
    describe_time(took, metadata);
    CheckResult result =
        answer(HealthStatus::healthy,
               options_.address + (asked ? " answers as expected" : " accepts connections"));
    if (secured_) {
      const net::TlsSession& session = secured_->session();
      const TimePoint now = clock_.now();
      describe_session(metadata, session, options_.certificate_days, now);
      const auto judged = judge_chain(session.chain, options_.certificate_days, now);
      result.status = judged.status;
      result.message += " over " + session.protocol + "; " + judged.message;
    }
    result.metadata = std::move(metadata);
    return result;
  }

  void describe_time(Micros took, Value& metadata) const {
    metadata.set("duration_ms", in_milliseconds(took));
    set_most(metadata, "duration_ms",
             LatencyLimits{.warning = options_.latency_warning, .critical = {}});
    metadata.set("dns_ms", in_milliseconds(phases_.dns));
    metadata.set("connect_ms", in_milliseconds(phases_.connect));
    if (secured_) metadata.set("tls_ms", in_milliseconds(phases_.tls));
    if (phases_.first_byte.count() > 0) {
      metadata.set("first_byte_ms", in_milliseconds(phases_.first_byte));
    }
  }

  void judge_time(Micros took, std::chrono::nanoseconds held_up, CheckResult& result) const {
    judge_latency(result, "", took, {.warning = options_.latency_warning, .critical = {}}, held_up);
    judge_phases(phases_, options_.phases, held_up, result);
  }

  TcpCheckOptions options_;
  std::vector<TcpStep> steps_;
  TlsHandshake handshake_;
  net::TlsTransport* secured_ = nullptr;  ///< Of this run and its dialogue, if there was TLS.
  net::Phases phases_;                    ///< Of this run, as is the next.
  bool refused_ = false;                  ///< Nobody listens.
  Clock& clock_;
};

void visit_regex(FieldVisitor& fields, const Field& field, std::string& pattern) {
  if (!fields.text(field, pattern) || pattern.empty()) return;
  const auto compiled = compile_regex(pattern);
  // Without RE2 nothing can be said about it here; the check will be unknown.
  if (compiled || compiled.error().code != ErrorCode::parse) return;
  fields.value_error(field.key, compiled.error().message, "is not a regular expression");
}

// A key with its default says nothing, as in what `rz config show` prints.
void visit_step(FieldVisitor& fields, TcpStep& step) {
  constexpr std::array<std::string_view, 4> kKeys = {"send", "expect", "expect_regex", "starttls"};
  std::vector<TcpStep> said(kKeys.size());
  fields.text({"send", "A text that is sent."}, said[0].text);
  fields.text({"expect", "A text that must come."}, said[1].text);
  visit_regex(fields, {"expect_regex", "A regular expression (RE2) that must match what comes."},
              said[2].text);
  bool starttls = false;
  fields.boolean({"starttls", "The connection changes to TLS."}, starttls);
  bool found = false;
  for (std::size_t i = 0; i < kKeys.size(); ++i) {
    said[i].kind = static_cast<TcpStep::Kind>(i);  // The keys are in its order.
    const bool is_said = said[i].kind == TcpStep::Kind::starttls ? starttls : !said[i].text.empty();
    if (!is_said) continue;
    if (found) fields.error(kKeys[i], "a step does one thing; make a step of its own of it");
    found = true;
    step = said[i];
  }
  if (!found) {
    fields.error("", "is empty; a step has one of send, expect, expect_regex and starttls");
  }
}

void visit_dialogue(FieldVisitor& fields, TcpCheckOptions& options) {
  fields.text({"send", "A text that is sent first; empty: nothing is sent.", R"("PING\r\n")"},
              options.send);
  fields.text({"expect", "A text that must come back; empty: a connection is enough.", "PONG"},
              options.expect);
  fields.list({"dialogue", "Further steps, one after the other.",
               R"([{send: "TLS\r\n"}, {expect: OK}, {starttls: true}, {expect_regex: "^[a-z]+"}])"},
              [&](FieldVisitor& step) { visit_step(step, options.dialogue.emplace_back()); });
}

void visit_security(FieldVisitor& fields, TcpCheckOptions& options) {
  fields.boolean({"tls", "Whether the connection begins with TLS."}, options.tls);
  fields.choice({"starttls", "The protocol in whose words TLS is asked for, before the dialogue."},
                options.starttls, net::starttls_protocols());
  net::visit_tls(fields, options.tls_options, "");
  visit_certificate_days(fields, options.certificate_days);
  const int ways = int{options.tls} + int{options.starttls != net::StartTls::none} +
                   changes_to_tls(options.dialogue);
  if (ways > 1) {
    fields.error("", "TLS begins once; keep one of tls, starttls and the step starttls");
  }
  const CertificateDays& days = options.certificate_days;
  if (ways == 0 && (net::asks_for_tls(options.tls_options) || days.warning || days.critical)) {
    fields.error("", "has keys of TLS, but no TLS; add 'tls: true' or 'starttls'");
  }
}

}  // namespace

void visit_fields(FieldVisitor& fields, TcpCheckOptions& options) {
  net::visit_address(fields,
                     {.key = "address",
                      .sentence = "Host and port.",
                      .example = "db.internal:5432",
                      .needed_by = "a tcp check",
                      .when_empty = "is empty; name a host and port"},
                     options.address);
  visit_dialogue(fields, options);
  visit_security(fields, options);
  fields.duration({"latency_warning", "Taking so long or longer is degraded.", "200ms"},
                  options.latency_warning, kTimeoutRange);
  visit_phases(fields, options.phases, "From the connection to the first byte that comes.");
}

std::shared_ptr<HealthCheck> make_tcp_check(TcpCheckOptions options, Clock& clock) {
  return std::make_shared<TcpCheck>(std::move(options), clock);
}

std::shared_ptr<HealthCheck> make_health_check(const TcpCheckOptions& options,
                                               const CheckDependencies& dependencies) {
  return make_tcp_check(options, dependencies.clock);
}

}  // namespace rz::health
