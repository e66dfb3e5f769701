#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "rz/base/clock.h"
#include "rz/health/check_runner.h"
#include "rz/health/circuit_breaker.h"
#include "rz/health/health_state.h"
#include "rz/health/judging/unchecked.h"

namespace rz::reports {

/// What a store that did not answer should have told, as reports name it.
inline constexpr const char* kUncheckedName = "components and breakers";

/// A line of a report: the result of a check, or of what counts without one.
struct ReportLine {
  CheckResult result;
  std::size_t config_line = 0;  ///< Of the check in the configuration; 0: it is not from one.
  std::string where{};          ///< `rz.yaml:12`, if both are known. Any bytes.
  bool has_check = true;        ///< Nothing was run for a component or a damaged record.

  bool healthy() const { return result.status == HealthStatus::healthy; }
  /// Whether it counts in the status of the report.
  bool counts() const { return result.uncounted.empty(); }
  /// Whether it was run, or was to be run, and is bad.
  bool bad() const { return counts() && !healthy(); }
  /// Whether it is healthy only because it was tried again.
  bool flaky() const;
  /// The message for a person, who may see its beginning alone: the cause before the address, and
  /// whether it is flaky, or why it does not count. Any bytes.
  std::string text() const;
};

/// The worst first, and those that do not count last; of equal ones, the first.
std::vector<ReportLine> worst_first(std::vector<ReportLine> lines);

/// What a run of checks found.
struct HealthReport {
  CheckReport run{};
  /// Nothing: not asked for, or the store did not answer.
  std::optional<health::Unchecked> unchecked{};
  /// Why the store did not tell what no check shows, unless a check says so.
  std::optional<Error> unchecked_error{};
  TimePoint now{};  ///< The time at which ages are given.
  /// A list leaves out what is healthy; status and counts are of everything. A format that is
  /// compared with the one before (prometheus, openmetrics, checkmk) leaves out nothing, since
  /// what is missing there looks as if it were gone.
  bool only_failed = false;
  std::string host{};         ///< The name of the machine that ran the checks; empty: not told.
  std::string config_path{};  ///< The file that names the checks; empty: none.
  bool tells_places = false;  ///< Text tells where the checks that are not healthy stand in it.

  /// All that counts in the status: the run, and behind its checks each component that no check
  /// shows, as a result of its own. They count when the mode is decided, so a report that left them
  /// out would say healthy before a degraded mode. A damaged record, and a store that did not tell,
  /// are each an unknown result, since nobody knows what counts there.
  CheckReport with_components() const;

  /// A line for each result of with_components(), in that order.
  std::vector<ReportLine> lines() const;
  /// Those that a list shows: see `only_failed`.
  std::vector<ReportLine> listed() const;
};

/// `1 unhealthy, 3 healthy (1 flaky), 1 not counted`: the statuses that occur, the worst first.
std::string count_text(const CheckReport& run);

/// The same, and why the run is void, if it is. Any bytes.
std::string summary_text(const CheckReport& run);

/// How many checks of a run have each status, and how many do not count.
class StatusCounts {
 public:
  explicit StatusCounts(const CheckReport& run) {
    for (const CheckResult& result : run.results) {
      if (result.uncounted.empty()) {
        ++counts_[static_cast<std::size_t>(result.status)];
        if (ReportLine{result}.flaky()) ++flaky_;
      } else {
        ++uncounted_;
      }
    }
  }
  std::size_t uncounted() const { return uncounted_; }
  std::size_t flaky() const { return flaky_; }  ///< Of the healthy ones.
  std::size_t operator[](HealthStatus status) const {
    return counts_[static_cast<std::size_t>(status)];
  }

 private:
  std::array<std::size_t, 4> counts_{};
  std::size_t uncounted_ = 0;
  std::size_t flaky_ = 0;
};

/// The checks of a configuration.
struct CheckList {
  std::vector<RegisteredCheck> checks;
};

/// What a component has just reported about itself.
struct ReportedComponent {
  ComponentHealth component;
};

/// What was taken from the payload of a webhook.
struct IngestedReports {
  std::size_t count = 0;                    ///< Reports, of which several may be of one component.
  std::vector<ComponentHealth> components;  ///< As they are now.
};

/// The state of a breaker after an outcome was recorded.
struct FedBreaker {
  std::string name;
  BreakerState state;
};

/// What was removed from the store.
struct Forgotten {
  std::string kind;  ///< `component` or `breaker`.
  std::string name;
};

}  // namespace rz::reports
