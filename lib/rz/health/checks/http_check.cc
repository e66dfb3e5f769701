#include "rz/health/checks/http_check.h"

#include "rz/base/text.h"
#include "rz/health/checks/basic_check.h"
#include "rz/net/url.h"

namespace rz::health {
namespace {

class HttpCheck final : public BasicCheck {
 public:
  HttpCheck(HttpCheckOptions options, HttpClientFactory factory)
      : BasicCheck(HttpCheckOptions::kType, options),
        options_(std::move(options)),
        factory_(std::move(factory)) {}

  CheckResult check() override {
    if (!client_) {
      auto made = factory_();
      if (!made) {
        // The HTTP library is missing here, which says nothing about the service.
        made.error().own_side = true;
        return failed(made.error());
      }
      client_ = std::move(*made);
    }
    net::HttpRequest request;
    request.url = options_.url;
    request.timeout = timeout();
    request.proxy = options_.proxy;
    const auto response = client_->send(request);
    Value metadata = Value::object(
        {{"url", net::redacted_url(options_.url)}, {"expected_status", options_.expected_status}});
    if (!options_.proxy.empty()) metadata.set("proxy", net::redacted_url(options_.proxy));
    if (!response) return failed(response.error(), std::move(metadata));
    metadata.set("status_code", response->status);
    const std::string message = "status (" + std::to_string(response->status) +
                                ") == " + std::to_string(options_.expected_status) +
                                (options_.proxy.empty() ? "" : ", through a proxy");
    const bool expected = response->status == options_.expected_status;
    return answer(expected ? HealthStatus::healthy : HealthStatus::degraded, message,
                  std::move(metadata));
  }

 private:
  HttpCheckOptions options_;
  HttpClientFactory factory_;
  std::unique_ptr<net::HttpClient> client_;
};

}  // namespace

void visit_fields(FieldVisitor& fields, HttpCheckOptions& options) {
  const bool given = fields.url({.key = "url",
                                 .sentence = "What is asked for, http or https.",
                                 .example = "https://api.internal/health",
                                 .needed_by = "an http check"},
                                options.url);
  if (given && !net::is_http_url(options.url)) {
    fields.value_error("url", "is not an HTTP URL; write it like https://host/health",
                       "is not an HTTP URL");
  }
  fields.integer({"expected_status", "The status of a healthy answer."}, options.expected_status,
                 {100, 599});
  const bool through =
      fields.url({.key = "proxy",
                  .sentence = "A proxy to ask through; those of the environment are not used.",
                  .example = "http://proxy.internal:3128"},
                 options.proxy);
  if (through && !net::is_http_url(options.proxy)) {
    fields.value_error("proxy", "is not an HTTP URL; write it like http://host:3128",
                       "is not an HTTP URL");
  }
}

std::shared_ptr<HealthCheck> make_http_check(HttpCheckOptions options, HttpClientFactory client) {
  return std::make_shared<HttpCheck>(std::move(options), std::move(client));
}

std::shared_ptr<HealthCheck> make_health_check(const HttpCheckOptions& options,
                                               const CheckDependencies& dependencies) {
  return make_http_check(options, dependencies.http_client);
}

}  // namespace rz::health
