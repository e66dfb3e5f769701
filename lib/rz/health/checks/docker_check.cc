#include "rz/health/checks/docker_check.h"

#include "rz/base/json.h"
#include "rz/base/percent_encoding.h"
#include "rz/base/text.h"
#include "rz/base/timestamp.h"
#include "rz/health/checks/basic_check.h"
#include "rz/health/checks/restarts.h"
#include "rz/health/judging/findings.h"
#include "rz/health/machine/uptime.h"

namespace rz::health {
namespace {

constexpr std::size_t kMaxShownOutput = 200;

std::string text_in(const Value* object, std::string_view key) {
  const Value* found = object ? object->find(key) : nullptr;
  const std::string* text = found ? found->as_string() : nullptr;
  return text ? *text : "";
}

std::optional<std::int64_t> integer_in(const Value* object, std::string_view key) {
  const Value* found = object ? object->find(key) : nullptr;
  if (!found || !found->as_int()) return std::nullopt;
  return *found->as_int();
}

/// What the container's own health check wrote last.
std::string last_output(const Value* health) {
  const Value* log = health ? health->find("Log") : nullptr;
  const Value::Array* runs = log ? log->as_array() : nullptr;
  if (!runs || runs->empty()) return "";
  const std::string output = text_in(&runs->back(), "Output");
  const std::string_view line = trim(output);
  return ellipsize(printable(line.substr(0, line.find('\n'))), kMaxShownOutput);
}

class DockerCheck final : public BasicCheck {
 public:
  DockerCheck(DockerCheckOptions options, HttpClientFactory http_client, Clock& clock)
      : BasicCheck(DockerCheckOptions::kType, options),
        options_(std::move(options)),
        http_client_(std::move(http_client)),
        clock_(clock) {}

  CheckResult check() override {
    Value metadata = Value::object({{"container", options_.container}});
    const auto client = http_client_();
    if (!client) return told_nothing(client.error(), std::move(metadata));
    // The host is not looked up; the daemon only wants one.
    net::HttpRequest request{
        .url = "http://docker/containers/" + percent_encode(options_.container, "-_.") + "/json",
        .timeout = timeout()};
    request.unix_socket = options_.socket;
    auto response = (*client)->send(request);
    if (!response) {
      Error error = response.error();
      error.where = options_.socket;
      if (error.code == ErrorCode::unavailable) {
        error.message += "; does the daemon run, and may this user ask it?";
      }
      return told_nothing(std::move(error), std::move(metadata));
    }
    const auto document = parse_json(response->body);
    if (response->status == 404) {
      return answer(HealthStatus::unhealthy, shown_name() + ": no container has this name or id",
                    std::move(metadata));
    }
    const Value* state = document ? document->find("State") : nullptr;
    if (response->status != 200 || !state || text_in(state, "Status").empty()) {
      return answer(HealthStatus::unknown, unexpected(*response, document), std::move(metadata));
    }
    return judge_state(*state, integer_in(&*document, "RestartCount"), std::move(metadata));
  }

 private:
  std::string shown_name() const { return printable(options_.container); }

  // The daemon was asked for the container; that it is silent tells nothing about that.
  CheckResult told_nothing(Error error, Value metadata) const {
    error.own_side = true;
    return failed(error, std::move(metadata));
  }

  std::string unexpected(const net::HttpResponse& response, const Result<Value>& document) const {
    const std::string said = document ? text_in(&*document, "message") : "";
    return options_.socket + ": got " + std::to_string(response.status) +
           (response.status == 200 ? " without the state of a container" : ", expected 200") +
           (said.empty() ? "" : ": " + ellipsize(printable(said), kMaxShownOutput));
  }

  CheckResult judge_state(const Value& state, std::optional<std::int64_t> restarts,
                          Value metadata) const {
    const std::string status = printable(text_in(&state, "Status"));
    const Value* health = state.find("Health");
    const std::string health_status = printable(text_in(health, "Status"));
    metadata.set("state", status);
    if (!health_status.empty()) metadata.set("health", health_status);
    if (restarts) metadata.set("restarts", *restarts);
    add_uptime(state, metadata);
    Findings findings;
    if (status != "running") {
      findings.add(status == "paused" ? HealthStatus::degraded : HealthStatus::unhealthy,
                   "expected running" + end_of(state, metadata));
    } else {
      judge_health(health_status, last_output(health), findings);
    }
    judge_restarts(restarts, options_.restarts_warning, findings);
    const bool has_health = !health_status.empty() && health_status != "none";
    return answer(
        findings.status(),
        findings.after(shown_name() + ": " + status + (has_health ? ", " + health_status : "")),
        std::move(metadata));
  }

  void add_uptime(const Value& state, Value& metadata) const {
    const auto started = parse_timestamp(text_in(&state, "StartedAt"));
    // Docker writes the year 1 for one that was never started.
    if (!started || *started < TimePoint{}) return;
    const auto uptime = std::chrono::floor<std::chrono::seconds>(clock_.now() - *started);
    if (uptime.count() >= 0) metadata.set(kUptimeKey, uptime.count());
  }

  // How it ended, if it did.
  static std::string end_of(const Value& state, Value& metadata) {
    const auto code = integer_in(&state, "ExitCode");
    if (code) metadata.set("exit_code", *code);
    const Value* killed = state.find("OOMKilled");
    const bool no_memory = killed && killed->as_bool() && *killed->as_bool();
    return std::string(no_memory ? "; killed for lack of memory" : "") +
           (code && *code != 0 ? "; exit code " + std::to_string(*code) : "");
  }

  static void judge_health(const std::string& status, const std::string& output,
                           Findings& findings) {
    // A container without a health check of its own has none, or the status `none`.
    if (status.empty() || status == "none" || status == "healthy") return;
    const HealthStatus found = status == "unhealthy"  ? HealthStatus::unhealthy
                               : status == "starting" ? HealthStatus::degraded
                                                      : HealthStatus::unknown;
    findings.add(found,
                 output.empty() ? "expected healthy" : "expected healthy; it said: " + output);
  }

  DockerCheckOptions options_;
  HttpClientFactory http_client_;
  Clock& clock_;
};

}  // namespace

void visit_fields(FieldVisitor& fields, DockerCheckOptions& options) {
  fields.text({.key = "container",
               .sentence = "The container, by name or id.",
               .example = "web",
               .needed_by = "a docker check",
               .when_empty = "is empty; name a container"},
              options.container);
  fields.path({"socket", "The unix socket of the daemon."}, options.socket);
  fields.integer({"restarts_warning", "After so many restarts it is degraded.", "3"},
                 options.restarts_warning, {1, 1'000'000});
}

std::shared_ptr<HealthCheck> make_docker_check(DockerCheckOptions options,
                                               HttpClientFactory http_client, Clock& clock) {
  return std::make_shared<DockerCheck>(std::move(options), std::move(http_client), clock);
}

std::shared_ptr<HealthCheck> make_health_check(const DockerCheckOptions& options,
                                               const CheckDependencies& dependencies) {
  return make_docker_check(options, dependencies.http_client, dependencies.clock);
}

}  // namespace rz::health
