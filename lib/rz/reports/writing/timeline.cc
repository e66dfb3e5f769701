#include "rz/reports/writing/timeline.h"

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "rz/base/duration.h"
#include "rz/reports/history_report.h"

namespace rz::reports {
namespace {

using history::TimeKind;

constexpr std::size_t kLeastColumns = 20;
constexpr std::size_t kMostColumns = 120;

struct Sign {
  TimeKind kind;
  std::string_view letter;
  std::string_view block;
};

constexpr Sign kSigns[] = {{TimeKind::primary, "P", "▁"},
                           {TimeKind::heuristic, "H", "▄"},
                           {TimeKind::safe, "S", "█"},
                           {TimeKind::unknown, "?", "░"},
                           {TimeKind::maintenance, "m", "·"}};

const Sign& sign_of(TimeKind kind) {
  return *std::find_if(std::begin(kSigns), std::end(kSigns),
                       [kind](const Sign& sign) { return sign.kind == kind; });
}

/// The worst of each column; where no time has passed, unknown.
std::vector<TimeKind> columns_of(const std::vector<history::Period>& parts, std::size_t count) {
  std::vector<TimeKind> columns;
  for (std::size_t column = 0; column < count; ++column) {
    history::ModeTime time;
    for (std::size_t i = column * parts.size() / count; i < (column + 1) * parts.size() / count;
         ++i) {
      time += parts[i].time;
    }
    columns.push_back(time.worst().value_or(TimeKind::unknown));
  }
  return columns;
}

// A colour is set once for a run of equal columns.
std::string row_of(const std::vector<TimeKind>& columns, std::string_view Sign::*sign,
                   const Page& page) {
  std::string row;
  for (std::size_t i = 0; i < columns.size();) {
    std::string run;
    const TimeKind kind = columns[i];
    for (; i < columns.size() && columns[i] == kind; ++i) run += sign_of(kind).*sign;
    row += page.paint(color_of(kind), run);
  }
  return row + "\n";
}

// The two ends of the window, each under its end of the rows.
std::string axis_of(const history::Interval& window, std::size_t width) {
  const std::string begin = short_time(window.begin);
  const std::string end = short_time(window.end);
  if (begin.size() + end.size() + 1 > width) return begin + "\n" + end + "\n";
  return begin + std::string(width - begin.size() - end.size(), ' ') + end + "\n";
}

std::string legend_of(const std::vector<TimeKind>& columns, const Page& page) {
  std::string legend;
  for (const Sign& sign : kSigns) {
    if (std::find(columns.begin(), columns.end(), sign.kind) == columns.end()) continue;
    const std::string one = std::string(sign.letter) + " " + history::to_string(sign.kind);
    legend += (legend.empty() ? "" : "  ") + page.paint(color_of(sign.kind), one);
  }
  return legend + "\n";
}

}  // namespace

void draw_timeline(const history::Audit& audit, Page& page) {
  const std::size_t width =
      std::clamp(static_cast<std::size_t>(std::max(page.width(), 1)), kLeastColumns, kMostColumns);
  const std::vector<TimeKind> columns = columns_of(audit.timeline, width);
  if (page.unicode()) page.raw(row_of(columns, &Sign::block, page));
  page.raw(row_of(columns, &Sign::letter, page));
  page.raw(axis_of(audit.window, width));
  page.raw(legend_of(columns, page));
  const Micros column = audit.window.length() / static_cast<std::int64_t>(width);
  page.line("A column is ", humanize_duration(column), ", and shows the worst of it.");
}

}  // namespace rz::reports
