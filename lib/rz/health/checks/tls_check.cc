#include "rz/health/checks/tls_check.h"

#include <chrono>
#include <utility>

#include "rz/base/text.h"
#include "rz/base/try.h"
#include "rz/health/checks/basic_check.h"
#include "rz/health/clients/tls_handshake.h"
#include "rz/health/judging/latency.h"
#include "rz/net/net_fields.h"
#include "rz/net/url.h"

namespace rz::health {
namespace {

using Protocol = TlsCheckOptions::Protocol;

// As OpenSSL writes them.
constexpr Choice<Protocol> kTlsVersions[] = {{"TLSv1.2", Protocol::tls_1_2},
                                             {"TLSv1.3", Protocol::tls_1_3}};

class TlsCheck final : public BasicCheck {
 public:
  TlsCheck(TlsCheckOptions options, Clock& clock)
      : BasicCheck(TlsCheckOptions::kType, options),
        options_(std::move(options)),
        handshake_(options_.tls),
        clock_(clock) {}

  bool shares_thread() const override { return true; }

  void prepare() override { handshake_.prepare(); }

  CheckResult check() override {
    const HeldUp held_up;
    Value metadata = Value::object({{"address", options_.address}});
    const Deadline deadline = std::chrono::steady_clock::now() + timeout();
    phases_ = {};
    const auto transport = connect(deadline);
    if (!transport) {
      // The place of an error of this side is a file.
      Error error = transport.error();
      error.message = to_string(error);
      error.where = options_.address;
      return failed(error, std::move(metadata));
    }
    const net::TlsSession& session = (*transport)->session();
    describe_session(metadata, session, options_.certificate_days, clock_.now());
    metadata.set("names_host", session.names_host);
    metadata.set("dns_ms", in_milliseconds(phases_.dns));
    metadata.set("connect_ms", in_milliseconds(phases_.connect));
    metadata.set("tls_ms", in_milliseconds(phases_.tls));
    CheckResult result = judge(session, std::move(metadata));
    judge_phases(phases_, options_.phases, held_up.so_far(), result);
    handshake_.judge_acceptance(**transport, options_.address + ": ", deadline, result);
    return result;
  }

 private:
  Result<std::unique_ptr<net::TlsTransport>> connect(Deadline deadline) {
    const auto address = net::parse_host_port(options_.address);
    if (!address) return fail(ErrorCode::invalid_argument, "is not an address");
    net::ConnectReport report;
    TRY_ASSIGN(auto plain, net::connect_tcp(address->host, address->port, deadline, &report));
    phases_.dns = report.look_up;
    phases_.connect = report.connect;
    const auto begin = std::chrono::steady_clock::now();
    auto secured = handshake_.over(std::move(plain), options_.starttls, address->host, deadline);
    phases_.tls = std::chrono::duration_cast<Micros>(std::chrono::steady_clock::now() - begin);
    return secured;
  }

  CheckResult judge(const net::TlsSession& session, Value metadata) const {
    const std::string where = options_.address + ": ";
    if (options_.verify_name && !session.names_host && !session.chain.empty()) {
      return answer(HealthStatus::unhealthy,
                    where + "the server's certificate is for " + session.chain.front().names +
                        ", not for " + printable(expected_name()),
                    std::move(metadata));
    }
    const auto judged = judge_chain(session.chain, options_.certificate_days, clock_.now());
    const bool old = options_.min_protocol == Protocol::tls_1_3 && session.protocol == "TLSv1.2";
    const HealthStatus status = old ? worst(judged.status, HealthStatus::degraded) : judged.status;
    const std::string version = old ? ", expected TLSv1.3; " : "; ";
    return answer(status, where + (old ? "got " : "") + session.protocol + version + judged.message,
                  std::move(metadata));
  }

  std::string expected_name() const {
    if (!options_.tls.server_name.empty()) return options_.tls.server_name;
    const auto address = net::parse_host_port(options_.address);
    return address ? address->host : "";
  }

  TlsCheckOptions options_;
  TlsHandshake handshake_;
  net::Phases phases_;  ///< Of this run.
  Clock& clock_;
};

}  // namespace

void visit_fields(FieldVisitor& fields, TlsCheckOptions& options) {
  net::visit_address(fields,
                     {.key = "address",
                      .sentence = "Host and port.",
                      .example = "www.example.com:443",
                      .needed_by = "a tls check",
                      .when_empty = "is empty; name a host and port"},
                     options.address);
  fields.choice({"starttls", "The protocol in whose words TLS is asked for."}, options.starttls,
                net::starttls_protocols());
  net::visit_tls(fields, options.tls, "");
  fields.boolean({"verify_name", "Whether the name is verified although verify is off."},
                 options.verify_name);
  fields.choice({"min_protocol", "An older version of TLS is degraded."}, options.min_protocol,
                std::span<const Choice<Protocol>>(kTlsVersions));
  visit_certificate_days(fields, options.certificate_days);
  visit_phases(fields, options.phases, "");
}

std::shared_ptr<HealthCheck> make_tls_check(TlsCheckOptions options, Clock& clock) {
  return std::make_shared<TlsCheck>(std::move(options), clock);
}

std::shared_ptr<HealthCheck> make_health_check(const TlsCheckOptions& options,
                                               const CheckDependencies& dependencies) {
  return make_tls_check(options, dependencies.clock);
}

}  // namespace rz::health
