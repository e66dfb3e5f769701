#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "rz/server/router.h"
#include "rz/server/snapshot.h"

namespace rz::server {

/// A check that has been run.
struct SampleCheck final : HealthCheck {
  explicit SampleCheck(std::string its_name) : name_(std::move(its_name)) {}
  const std::string& name() const override { return name_; }
  std::string_view type() const override { return "tcp"; }
  Millis timeout() const override { return Millis{1'000}; }
  CheckResult check() override { return {}; }

  std::string name_;
};

struct SampleResult {
  std::string name;
  HealthStatus status = HealthStatus::healthy;
  std::string message{};
  std::vector<std::string> tags{};
  std::string uncounted{};
  std::optional<HealthStatus> fail_on{};
};

/// A report with these results.
inline reports::HealthReport sample_report(const std::vector<SampleResult>& results) {
  reports::HealthReport report;
  report.run.timestamp = TimePoint{std::chrono::seconds{1'700'000'000}};
  report.now = report.run.timestamp;
  for (const SampleResult& each : results) {
    CheckOptions options;
    options.tags = each.tags;
    options.fail_on = each.fail_on;
    report.run.checks.push_back({std::make_shared<SampleCheck>(each.name), options});
    CheckResult result;
    result.name = each.name;
    result.type = "tcp";
    result.status = each.status;
    result.message = each.message;
    result.uncounted = each.uncounted;
    result.metadata = Value::object({{"host", "db.internal"}});
    report.run.results.push_back(std::move(result));
  }
  return report;
}

inline std::shared_ptr<const Snapshot> sample_snapshot(const std::vector<SampleResult>& results) {
  return make_snapshot(sample_report(results), TimePoint{std::chrono::seconds{1'700'000'000}}, {});
}

/// The answer to a request that needs nothing else than a view.
inline Answer answer_of(const Request& request, const View& view) {
  return std::get<Answer>(route(request, view));
}

inline Answer get(const std::string& target, const View& view, const std::string& accept = "",
                  const std::string& token = "") {
  return answer_of({.method = "GET",
                    .target = target,
                    .accept = accept,
                    .authorization = token.empty() ? "" : "Bearer " + token},
                   view);
}

/// A header of an answer; empty: it has none.
inline std::string header(const Answer& answer, std::string_view name) {
  for (const auto& [key, value] : answer.headers) {
    if (key == name) return value;
  }
  return "";
}

}  // namespace rz::server
