#include <algorithm>
#include <array>
#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "fuzz/fuzz_targets.h"
#include "rz/base/json.h"
#include "rz/base/text.h"
#include "rz/server/router.h"

namespace rz::fuzz {
namespace {

constexpr const char* kToken = "secret-token";
constexpr const char* kMessage = "kept from strangers";

/// A check that has been run.
struct FuzzedCheck final : HealthCheck {
  const std::string& name() const override { return name_; }
  std::string_view type() const override { return "tcp"; }
  Millis timeout() const override { return Millis{1'000}; }
  CheckResult check() override { return {}; }
  std::string name_ = "db";
};

std::shared_ptr<const server::Snapshot> unhealthy_results() {
  reports::HealthReport report;
  CheckOptions options;
  options.tags = {"store"};
  report.run.checks.push_back({std::make_shared<FuzzedCheck>(), options});
  CheckResult result;
  result.name = "db";
  result.type = "tcp";
  result.status = HealthStatus::unhealthy;
  result.message = kMessage;
  report.run.results.push_back(std::move(result));
  return server::make_snapshot(report, {}, {});
}

/// The pieces between line breaks: method, target, accept, authorization, origin, whether it is
/// local; the rest is the body.
server::Request request_of(std::string_view input) {
  std::array<std::string, 6> heads;
  for (std::string& head : heads) {
    const std::size_t end = std::min(input.find('\n'), input.size());
    head = input.substr(0, end);
    input.remove_prefix(std::min(end + 1, input.size()));
  }
  return {heads[0], heads[1], heads[2], heads[3], heads[4], std::string(input), heads[5].empty()};
}

void require_whole(const server::Answer& answer) {
  constexpr std::array kCodes = {200, 400, 401, 403, 404, 405, 503};
  require(std::find(kCodes.begin(), kCodes.end(), answer.status) != kCodes.end(), "a known code");
  require(answer.body != nullptr && !answer.body->empty(), "an answer says something");
  require(!find_invalid_utf8(*answer.body), "an answer is UTF-8");
  require(!answer.content_type.empty(), "an answer has a type");
  for (const auto& [name, value] : answer.headers) {
    require(printable(name + value) == name + value, "a header is a line");
  }
  // A line is ended by nothing that came from outside, and no terminal is steered.
  for (const char c : *answer.body) {
    require(c == '\n' || static_cast<unsigned char>(c) >= 0x20, "no control characters");
  }
}

void ask(const server::Request& request, const server::View& view) {
  const auto routed = server::route(request, view);
  const bool shown = server::shows_token(request.authorization, kToken);
  if (const auto* delivery = std::get_if<server::Delivery>(&routed)) {
    require(request.method == "POST" && delivery->provider != nullptr, "a payload has a provider");
    require(view.options.token.empty() ? request.local && request.origin.empty() : shown,
            "only who may brings a payload");
    return;
  }
  const auto& answer = std::get<server::Answer>(routed);
  require_whole(answer);
  const auto target = server::parse_target(request.target);
  const bool excludes = target && target->has("exclude");
  const bool reports = answer.status == 200 || answer.status == 503;
  // Elsewhere, and with names to exclude, the request itself may be quoted.
  if (reports && !excludes && view.options.details == health::Details::token && !shown) {
    require(answer.body->find(kMessage) == std::string::npos, "details are withheld");
  }
  const bool asks_health = target && (target->path == "/health" || target->path == "/ready" ||
                                      target->path.starts_with("/ready/"));
  require(answer.status != 200 || !asks_health || excludes, "unhealthy is never a yes");
}

}  // namespace

void serve(std::string_view input) {
  static const auto& kResults = *new std::shared_ptr<const server::Snapshot>(unhealthy_results());
  const server::Request request = request_of(input);
  health::ServeOptions options;
  ask(request, {.options = options, .snapshot = kResults});
  ask(request, {.options = options});
  options.token = kToken;
  options.details = health::Details::token;
  ask(request, {.options = options, .snapshot = kResults});
  ask(request,
      {.options = options, .snapshot = kResults, .age = std::chrono::hours{1}, .draining = true});
}

}  // namespace rz::fuzz
