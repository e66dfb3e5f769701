#include "rz/health/checks/http_check.h"

#include <algorithm>
#include <chrono>
#include <optional>

#include "rz/base/text.h"
#include "rz/base/timestamp.h"
#include "rz/health/checks/basic_check.h"
#include "rz/health/judging/findings.h"
#include "rz/health/judging/latency.h"
#include "rz/net/net_fields.h"
#include "rz/net/url.h"

namespace rz::health {
namespace {

constexpr Choice<net::IpVersion> kIpVersions[] = {
    {"any", net::IpVersion::any}, {"ipv4", net::IpVersion::v4}, {"ipv6", net::IpVersion::v6}};
constexpr Choice<net::HttpVersion> kHttpVersions[] = {{"any", net::HttpVersion::any},
                                                      {"http1", net::HttpVersion::http1},
                                                      {"http2", net::HttpVersion::http2}};

bool is_https(const std::string& url) { return to_lower(url.substr(0, 6)) == "https:"; }

class HttpCheck final : public BasicCheck {
 public:
  HttpCheck(HttpCheckOptions options, HttpClientFactory factory, Clock& clock)
      : BasicCheck(HttpCheckOptions::kType, options),
        options_(std::move(options)),
        factory_(std::move(factory)),
        clock_(clock) {}

  bool shares_thread() const override { return true; }

  void prepare() override {
    if (make_ready()) client_->prepare(request());
  }

  CheckResult check() override {
    if (auto ready = make_ready(); !ready) {
      // A library is missing here, which says nothing about the service.
      ready.error().own_side = true;
      return failed(ready.error());
    }
    const std::string expected = judge_->expected_status();
    const auto one = parse_int(expected);
    Value metadata = Value::object({{"url", net::redacted_url(options_.url)}});
    metadata.set("expected_status", one ? Value(*one) : Value(expected));
    if (through_proxy()) metadata.set("proxy", net::redacted_url(options_.proxy));
    const HeldUp held_up;
    const auto response = client_->send(request());
    if (!response) return failed(response.error(), std::move(metadata));
    describe(*response, metadata);
    Findings findings;
    judge_->judge(*response, findings);
    judge_version(*response, findings);
    judge_certificates(*response, findings, metadata);
    CheckResult result =
        answer(findings.status(),
               findings.empty() ? "got " + std::to_string(response->status) : findings.text(),
               std::move(metadata));
    if (through_proxy()) result.message += ", through a proxy";
    judge_phases(response->phases, options_.phases, held_up.so_far(), result);
    return result;
  }

 private:
  Result<void> make_ready() {
    if (!client_) {
      auto made = factory_();
      if (!made) return fail(std::move(made).error());
      client_ = *std::move(made);
    }
    if (!judge_) {
      auto made = HttpJudge::make(options_.expect);
      if (!made) return fail(std::move(made).error());
      judge_ = *std::move(made);
    }
    return {};
  }

  net::HttpRequest request() const {
    net::HttpRequest request;
    request.url = options_.url;
    request.method = options_.method;
    request.headers = options_.headers;
    request.body = options_.body;
    request.timeout = timeout();
    request.follow_redirects = options_.follow_redirects;
    request.proxy = options_.proxy;
    request.user = options_.user;
    request.password = options_.password;
    request.bearer_token = options_.bearer_token;
    request.tls = options_.tls;
    request.unix_socket = options_.unix_socket;
    request.ip = options_.ip;
    request.version = options_.http_version;
    request.certificates = judges_certificates();
    return request;
  }

  void describe(const net::HttpResponse& response, Value& metadata) const {
    metadata.set("status_code", response.status);
    if (!response.version.empty()) metadata.set("http_version", response.version);
    if (response.redirects > 0) metadata.set("redirects", response.redirects);
    metadata.set("dns_ms", in_milliseconds(response.phases.dns));
    metadata.set("connect_ms", in_milliseconds(response.phases.connect));
    if (is_https(options_.url)) metadata.set("tls_ms", in_milliseconds(response.phases.tls));
    metadata.set("first_byte_ms", in_milliseconds(response.phases.first_byte));
  }

  void judge_version(const net::HttpResponse& response, Findings& findings) const {
    if (options_.http_version != net::HttpVersion::http2 || response.version == "2") return;
    findings.add(HealthStatus::degraded, "got HTTP/" + response.version + ", expected HTTP/2");
  }

  bool through_proxy() const { return !options_.proxy.empty() && options_.unix_socket.empty(); }

  bool judges_certificates() const {
    return options_.certificate_days.warning || options_.certificate_days.critical;
  }

  void judge_certificates(const net::HttpResponse& response, Findings& findings,
                          Value& metadata) const {
    if (!judges_certificates()) return;
    const TimePoint now = clock_.now();
    describe_certificate(metadata, response.certificates, options_.certificate_days, now);
    const auto judged = judge_chain(response.certificates, options_.certificate_days, now);
    if (judged.status != HealthStatus::healthy) findings.add(judged.status, judged.message);
  }

  const HttpCheckOptions options_;
  const HttpClientFactory factory_;
  Clock& clock_;
  std::unique_ptr<net::HttpClient> client_;
  std::optional<HttpJudge> judge_;
};

void visit_url(FieldVisitor& fields, HttpCheckOptions& options) {
  const bool given = fields.url({.key = "url",
                                 .sentence = "What is asked for, http or https.",
                                 .example = "https://api.internal/health",
                                 .needed_by = "an http check"},
                                options.url);
  if (given && !net::is_http_url(options.url)) {
    fields.value_error("url", "is not an HTTP URL; write it like https://host/health",
                       "is not an HTTP URL");
  }
}

bool is_method(const std::string& text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return 'A' <= c && c <= 'Z'; });
}

// `Name: value`; the value may be a secret.
void visit_headers(FieldVisitor& fields, HttpCheckOptions& options) {
  std::vector<std::string> lines;
  fields.texts(
      {"headers",
       "What is sent beside the usual header. A redirect to another host is sent them, too, "
       "except Authorization and Cookie.",
       R"(["Accept: application/json"])"},
      lines);
  for (const std::string& line : lines) {
    const std::size_t colon = line.find(':');
    const std::string name = line.substr(0, colon);
    const bool right = colon != std::string::npos && !name.empty() && printable(line) == line &&
                       name.find_first_of(" \t\"(),/;<=>?@[]\\{}") == std::string::npos;
    if (!right) {
      fields.error("headers", "an entry is not a header; write it like \"Accept: text/plain\"");
      continue;
    }
    options.headers.emplace_back(name, trim(std::string_view(line).substr(colon + 1)));
  }
}

void visit_login(FieldVisitor& fields, HttpCheckOptions& options) {
  fields.text({"user", "The user for basic authentication; empty: none.", "monitor"}, options.user);
  const bool password = fields.secret(
      {"password_file", "A file with the user's password.", "/run/secrets/api"}, options.password);
  fields.secret({"bearer_token_file",
                 "A file with a token, which is sent as Authorization: Bearer, in place of a user.",
                 "/run/secrets/token"},
                options.bearer_token);
  if (password && options.user.empty()) fields.error("password_file", "needs 'user' beside it");
}

void visit_request(FieldVisitor& fields, HttpCheckOptions& options) {
  const bool method = fields.text({.key = "method",
                                   .sentence = "How it is asked for.",
                                   .when_empty = "is empty; write it like GET"},
                                  options.method);
  if (method && !is_method(options.method)) {
    fields.value_error("method", "is not a method of HTTP; write it like GET, in capitals",
                       "is not a method of HTTP");
  }
  visit_headers(fields, options);
  fields.text({"body", "What is sent as the body; its Content-Type is a header.", R"('{"q": 1}')"},
              options.body);
  visit_login(fields, options);
}

void visit_way(FieldVisitor& fields, HttpCheckOptions& options) {
  fields.boolean({"follow_redirects",
                  "Whether redirects are followed, at most ten. Cookies are kept on the way."},
                 options.follow_redirects);
  const bool through =
      fields.url({.key = "proxy",
                  .sentence = "A proxy to ask through; those of the environment are not used.",
                  .example = "http://proxy.internal:3128"},
                 options.proxy);
  if (through && !net::is_http_url(options.proxy)) {
    fields.value_error("proxy", "is not an HTTP URL; write it like http://host:3128",
                       "is not an HTTP URL");
  }
  fields.path({"unix_socket", "A unix socket to connect to, in place of the URL's host or a proxy.",
               "/run/app.sock"},
              options.unix_socket);
  fields.choice({"ip", "By which version of IP the host is connected to."}, options.ip,
                std::span<const Choice<net::IpVersion>>(kIpVersions));
  fields.choice(
      {"http_version", "Which HTTP is spoken. With http2 an answer in another one is degraded."},
      options.http_version, std::span<const Choice<net::HttpVersion>>(kHttpVersions));
}

void visit_https(FieldVisitor& fields, HttpCheckOptions& options) {
  net::visit_tls(fields, options.tls, "is off: whoever is on the way can answer for the server");
  visit_certificate_days(fields, options.certificate_days);
  const CertificateDays& days = options.certificate_days;
  const bool wants_tls = net::asks_for_tls(options.tls) || days.warning || days.critical;
  const bool no_tls = !is_https(options.url) && !options.follow_redirects;
  if (wants_tls && net::is_http_url(options.url) && no_tls) {
    fields.error("url", "asks for no TLS, which other keys are for; begin it with https");
  }
}

}  // namespace

void visit_fields(FieldVisitor& fields, HttpCheckOptions& options) {
  visit_url(fields, options);
  visit_request(fields, options);
  int status = options.expect.status.front().min;
  if (fields.integer({"expected_status", "The status of a healthy answer."}, status,
                     Range<int>{100, 599})) {
    options.expect.status = {{status, status}};
  }
  const bool expects = fields.has("expect");
  fields.section({"expect", "What else the answer must be like."}, [&](FieldVisitor& expect) {
    visit_fields(expect, options.expect);
    if (expects && asserts_nothing(expect, options.expect)) {
      expect.error("", "is empty, which asserts nothing");
    }
  });
  if (options.method == "HEAD" && options.expect.asks_for_body()) {
    fields.error("expect", "expects something of the body, and the answer to HEAD has none");
  }
  visit_way(fields, options);
  visit_https(fields, options);
  visit_phases(fields, options.phases, "From the request to the first byte of the answer.");
}

std::shared_ptr<HealthCheck> make_http_check(HttpCheckOptions options, HttpClientFactory client,
                                             Clock& clock) {
  return std::make_shared<HttpCheck>(std::move(options), std::move(client), clock);
}

std::shared_ptr<HealthCheck> make_health_check(const HttpCheckOptions& options,
                                               const CheckDependencies& dependencies) {
  return make_http_check(options, dependencies.http_client, dependencies.clock);
}

}  // namespace rz::health
