#pragma once

#include <array>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "rz/base/clock.h"
#include "rz/fallback/mode.h"
#include "rz/reports/health_report.h"

namespace rz::server {

/// A document in the formats that /health has, in the order in which they are preferred.
struct HealthBodies {
  std::array<std::shared_ptr<const std::string>, 3> by_format;
};

/// The formats of /health by their names in reports/formats.h.
inline constexpr std::array<std::string_view, 3> kHealthFormats = {"json", "health+json", "text"};

/// The results of one refresh, and every document that is made of them, so that a request neither
/// runs nor writes anything. Never changed; shared by all who answer.
struct Snapshot {
  /// A line of the report: a check, or what counts without one.
  struct Line {
    std::string name;
    std::vector<std::string> tags;
    HealthStatus status = HealthStatus::unknown;
    std::string text;                       ///< Of reports::ReportLine, for a person. Any bytes.
    std::optional<HealthStatus> fail_on{};  ///< As CheckOptions::fail_on.
    std::string uncounted{};                ///< As CheckResult::uncounted.
  };

  HealthStatus status = HealthStatus::unknown;
  std::string counts;        ///< `1 unhealthy, 3 healthy`.
  std::vector<Line> lines;   ///< In the order of the report.
  std::string void_because;  ///< As CheckReport::void_because.

  HealthBodies full;      ///< With messages and measurements.
  HealthBodies withheld;  ///< Without.
  std::string prometheus;
  std::string openmetrics;  ///< Without its end, since more follows.
  /// The mode that holds, as far as this host can tell; nothing: it cannot.
  std::optional<Mode> mode{};
  std::string page;  ///< The table of the status page, HTML, with messages.
  std::string page_withheld;

  TimePoint begun{};                        ///< When the run of the checks began,
  std::chrono::nanoseconds begun_steady{};  ///< and that in Clock::monotonic().
};

/// `report` with everything left out that tells more than who is how healthy.
reports::HealthReport withhold_details(reports::HealthReport report);

/// `begun`, `begun_steady`, `mode`: as in Snapshot.
std::shared_ptr<const Snapshot> make_snapshot(const reports::HealthReport& report, TimePoint begun,
                                              std::chrono::nanoseconds begun_steady,
                                              std::optional<Mode> mode = std::nullopt);

/// How old a snapshot is: by the clock that never jumps, or by the wall clock if that says more,
/// since the other stands still while a machine is suspended.
std::chrono::nanoseconds age_of(const Snapshot& snapshot, const Clock& clock);

}  // namespace rz::server
