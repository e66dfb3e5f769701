#include "rz/health/checks/grpc_check.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "rz/base/percent_encoding.h"
#include "rz/base/text.h"
#include "rz/health/checks/basic_check.h"
#include "rz/health/clients/grpc_message.h"
#include "rz/health/judging/latency.h"
#include "rz/net/net_fields.h"

namespace rz::health {
namespace {

// A header or a trailer; the last one of that name.
std::optional<std::string> find_header(const net::HttpResponse& response, std::string_view name) {
  std::optional<std::string> found;
  for (const auto& [header, value] : response.headers) {
    if (header == name) found = value;
  }
  return found;
}

class GrpcCheck final : public BasicCheck {
 public:
  GrpcCheck(GrpcCheckOptions options, HttpClientFactory factory, Clock& clock)
      : BasicCheck(GrpcCheckOptions::kType, options),
        options_(std::move(options)),
        factory_(std::move(factory)),
        clock_(clock) {}

  bool shares_thread() const override { return true; }

  void prepare() override {
    if (make_client()) client_->prepare(request());
  }

  CheckResult check() override {
    if (const auto made = make_client(); !made) return failed(made.error());
    Value metadata = Value::object({{"address", options_.address}, {"service", options_.service}});
    const HeldUp held_up;
    auto response = client_->send(request());
    if (response) {
      describe(*response, metadata);
      CheckResult result = judge(*response, std::move(metadata));
      judge_certificates(*response, result);
      judge_phases(response->phases, options_.phases, held_up.so_far(), result);
      return result;
    }
    Error error = response.error();
    error.where = options_.address;
    if (error.code == ErrorCode::corrupt && !options_.tls)
      error.message += "; is it a gRPC server?";
    return failed(error, std::move(metadata));
  }

 private:
  Result<void> make_client() {
    if (client_) return {};
    auto made = factory_();
    if (!made) {
      // The HTTP library is missing here, which says nothing about the service.
      made.error().own_side = true;
      return fail(std::move(made).error());
    }
    client_ = *std::move(made);
    return {};
  }

  net::HttpRequest request() const {
    net::HttpRequest request;
    request.url =
        (options_.tls ? "https://" : "http://") + options_.address + "/grpc.health.v1.Health/Check";
    request.method = "POST";
    request.headers = {{"content-type", "application/grpc"},
                       {"te", "trailers"},
                       {"grpc-timeout", std::to_string(timeout().count()) + "m"}};
    request.body = grpc_health_request(options_.service);
    request.timeout = timeout();
    request.tls = options_.tls_options;
    request.version = net::HttpVersion::http2;
    request.certificates = judges_certificates();
    return request;
  }

  bool judges_certificates() const {
    return options_.certificate_days.warning || options_.certificate_days.critical;
  }

  void describe(const net::HttpResponse& response, Value& metadata) const {
    metadata.set("dns_ms", in_milliseconds(response.phases.dns));
    metadata.set("connect_ms", in_milliseconds(response.phases.connect));
    if (options_.tls) metadata.set("tls_ms", in_milliseconds(response.phases.tls));
    metadata.set("first_byte_ms", in_milliseconds(response.phases.first_byte));
    if (!judges_certificates()) return;
    describe_certificate(metadata, response.certificates, options_.certificate_days, clock_.now());
  }

  // A service that is down is told of first.
  void judge_certificates(const net::HttpResponse& response, CheckResult& result) const {
    if (!judges_certificates()) return;
    const auto judged = judge_chain(response.certificates, options_.certificate_days, clock_.now());
    if (judged.status == HealthStatus::healthy) return;
    result.status = worst(result.status, judged.status);
    result.message += "; " + judged.message;
  }

  CheckResult say(HealthStatus status, const std::string& what, Value metadata) const {
    const std::string subject =
        options_.address +
        (options_.service.empty() ? "" : " (" + printable(options_.service) + ")");
    return answer(status, subject + ": " + what, std::move(metadata));
  }

  CheckResult judge(const net::HttpResponse& response, Value metadata) const {
    const auto status = find_header(response, "grpc-status");
    const auto number = status ? parse_int(*status) : std::nullopt;
    if (!number) return not_grpc(response, std::move(metadata));
    metadata.set("grpc_status", name_of_grpc_status(*number));
    if (*number != static_cast<std::int64_t>(GrpcStatus::ok)) {
      return refused(*number, find_header(response, "grpc-message").value_or(""),
                     std::move(metadata));
    }
    const auto serving = read_grpc_health(response.body);
    if (!serving) {
      return say(HealthStatus::unhealthy, "the answer is not one of grpc.health.v1",
                 std::move(metadata));
    }
    metadata.set("serving", to_string(*serving));
    if (*serving == GrpcServing::serving) {
      return say(HealthStatus::healthy, "SERVING", std::move(metadata));
    }
    // A server that does not know how it is may be well.
    const HealthStatus found =
        *serving == GrpcServing::unknown ? HealthStatus::unknown : HealthStatus::unhealthy;
    return say(found, "got " + std::string(to_string(*serving)) + ", expected SERVING",
               std::move(metadata));
  }

  // Something else than gRPC has answered: the wrong address, or what stands before the server.
  CheckResult not_grpc(const net::HttpResponse& response, Value metadata) const {
    metadata.set("http_status", response.status);
    const bool down = response.status >= 500;
    return say(down ? HealthStatus::unhealthy : HealthStatus::unknown,
               "got the HTTP status " + std::to_string(response.status) +
                   " without a status of gRPC; does a gRPC server listen there?",
               std::move(metadata));
  }

  CheckResult refused(std::int64_t status, const std::string& text, Value metadata) const {
    constexpr std::size_t kShownColumns = 100;
    std::string what = "got " + name_of_grpc_status(status);
    // Percent-encoded (grpc: PROTOCOL-HTTP2.md).
    const std::string why = percent_decode(text).value_or(text);
    if (!why.empty()) what += " (" + ellipsize(printable(why), kShownColumns) + ")";
    what += ", expected OK";
    HealthStatus found = HealthStatus::unhealthy;
    if (status == static_cast<std::int64_t>(GrpcStatus::unimplemented)) {
      found = HealthStatus::unknown;
      what += "; the server does not have grpc.health.v1";
    } else if (status == static_cast<std::int64_t>(GrpcStatus::invalid_argument)) {
      found = HealthStatus::unknown;
    } else if (status == static_cast<std::int64_t>(GrpcStatus::not_found)) {
      what += "; the server does not know this service";
    }
    return say(found, what, std::move(metadata));
  }

  GrpcCheckOptions options_;
  HttpClientFactory factory_;
  Clock& clock_;
  std::unique_ptr<net::HttpClient> client_;
};

}  // namespace

void visit_fields(FieldVisitor& fields, GrpcCheckOptions& options) {
  net::visit_address(fields,
                     {.key = "address",
                      .sentence = "Host and port.",
                      .example = "orders.internal:50051",
                      .needed_by = "a grpc check",
                      .when_empty = "is empty; name a host and port"},
                     options.address);
  fields.text(
      {"service", "The service that is asked about; empty: the server as a whole.", "shop.Orders"},
      options.service);
  fields.boolean({"tls", "Whether the connection begins with TLS.", "true"}, options.tls);
  net::visit_tls(fields, options.tls_options, "");
  visit_certificate_days(fields, options.certificate_days);
  const CertificateDays& days = options.certificate_days;
  if (!options.tls && (net::asks_for_tls(options.tls_options) || days.warning || days.critical)) {
    fields.error("", "has keys of TLS, but no TLS; add 'tls: true'");
  }
  visit_phases(fields, options.phases, "From the request to the first byte of the answer.");
}

std::shared_ptr<HealthCheck> make_grpc_check(GrpcCheckOptions options, HttpClientFactory client,
                                             Clock& clock) {
  return std::make_shared<GrpcCheck>(std::move(options), std::move(client), clock);
}

std::shared_ptr<HealthCheck> make_health_check(const GrpcCheckOptions& options,
                                               const CheckDependencies& dependencies) {
  return make_grpc_check(options, dependencies.http_client, dependencies.clock);
}

}  // namespace rz::health
