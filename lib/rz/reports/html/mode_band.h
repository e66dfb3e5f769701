#pragma once

#include <string>

#include "rz/history/audit.h"
#include "rz/reports/history_report.h"
#include "rz/reports/html/reason_table.h"

namespace rz::reports {

/// The modes of the window as a picture, which the script zooms, with what the script needs around
/// it. Without the script it is as fine as Audit::timeline, and each of its stretches has a title.
std::string band_markup(const history::Audit& audit);

/// A cell for each day (or hour, or week): its worst mode, and how much time of which there was.
/// The newest kMostDays of them.
std::string days_markup(const StatsReport& report);
inline constexpr std::size_t kMostDays = 370;

/// `"begin":…,"unit":…,"band":…,"days":…`: what the script reads of the band and the days. The
/// reasons of the band are put into `reasons`, which the script has to be given as well.
std::string band_data(const StatsReport& report, ReasonTable& reasons);

}  // namespace rz::reports
