#include "rz/health/judging/canaries.h"

#include <string>

#include "rz/base/text.h"

namespace rz::health {
namespace {

constexpr std::size_t kMaxNames = 200;

// Empty: it is not.
std::string why_void(const CheckReport& report) {
  std::string names;
  for (std::size_t i = 0; i < report.checks.size(); ++i) {
    const CheckResult& result = report.results[i];
    if (!report.checks[i].options.canary || result.skipped || !result.uncounted.empty()) continue;
    if (!result.failure || !result.failure->own_side) return {};
    names += (names.empty() ? "" : "; ") + printable(result.name) + ": " +
             printable(result.failure->message);
  }
  if (names.empty()) return {};
  return "this host could reach nothing: all canaries failed on its own side (" +
         ellipsize(names, kMaxNames) + ")";
}

}  // namespace

void judge_canaries(CheckReport& report) {
  report.void_because = why_void(report);
  if (report.void_because.empty()) return;
  for (CheckResult& result : report.results) {
    if (result.status == HealthStatus::healthy || result.status == HealthStatus::unknown) continue;
    result.metadata.set("found", to_string(result.status));
    result.message += " (" + std::string(to_string(result.status)) + " in a run that is void)";
    result.status = HealthStatus::unknown;
  }
}

}  // namespace rz::health
