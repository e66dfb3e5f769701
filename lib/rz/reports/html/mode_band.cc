#include "rz/reports/html/mode_band.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <vector>

#include "rz/base/duration.h"
#include "rz/reports/html/html_page.h"
#include "rz/reports/html/html_text.h"

namespace rz::reports {
namespace {

using history::BandSegment;
using history::Interval;
using history::Period;
using history::TimeKind;

constexpr int kHeight = 60;

// As in the script: a mode is told by how high it stands, too.
int height_of(TimeKind kind) {
  switch (kind) {
    case TimeKind::maintenance: return 8;
    case TimeKind::primary: return 18;
    case TimeKind::heuristic: return 38;
    case TimeKind::unknown:
    case TimeKind::safe: return kHeight;
  }
  return kHeight;
}

TimeKind worst_of(const Period& period) { return period.time.worst().value_or(TimeKind::unknown); }

/// Says what the rectangles of the picture stand for, to the second, while a rectangle is as wide
/// as whole columns. They are asked for from the left to the right.
class Stretches {
 public:
  explicit Stretches(const history::Audit& audit) : audit_(audit) {}

  std::string title(TimeKind kind, const Interval& columns) {
    const std::vector<Interval> shown = of(kind, columns);
    const std::string name = to_string(kind);
    // There were too many of them to keep.
    if (shown.empty()) {
      return name + ", among others, from " + short_time(columns.begin) + " to " +
             short_time(columns.end);
    }
    const std::string times =
        short_time(shown.front().begin) + " to " + short_time(shown.back().end);
    if (shown.size() == 1) return name + " from " + times;
    Micros length{0};
    for (const Interval& one : shown) length += one.length();
    return fmt::format("{} {} times from {}, {} in all", name, shown.size(), times,
                       humanize_duration(length));
  }

 private:
  std::vector<Interval> of(TimeKind kind, const Interval& columns) {
    std::vector<Interval> found;
    if (kind == TimeKind::maintenance) {
      for (const Interval& one : audit_.maintenance) {
        if (!one.within(columns).empty()) found.push_back(one);
      }
      return found;
    }
    const auto& band = audit_.band;
    while (next_ < band.size() && band[next_].when.end <= columns.begin) ++next_;
    for (std::size_t i = next_; i < band.size() && band[i].when.begin < columns.end; ++i) {
      if (band[i].kind != kind) continue;
      // Two that follow each other have different reasons.
      const bool goes_on = !found.empty() && found.back().end == band[i].when.begin;
      if (goes_on) {
        found.back().end = band[i].when.end;
      } else {
        found.push_back(band[i].when);
      }
    }
    return found;
  }

  const history::Audit& audit_;
  std::size_t next_ = 0;  ///< The first stretch that has not ended before what is asked for.
};

// Neighbouring parts of one kind are one rectangle.
std::string rectangles(const history::Audit& audit) {
  const std::vector<Period>& parts = audit.timeline;
  Stretches stretches(audit);
  std::string markup;
  for (std::size_t i = 0; i < parts.size();) {
    const std::size_t first = i;
    const TimeKind kind = worst_of(parts[first]);
    while (i < parts.size() && worst_of(parts[i]) == kind) ++i;
    const int height = height_of(kind);
    markup += fmt::format(
        "<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" fill=\"url(#fill{})\"><title>{}"
        "</title></rect>\n",
        first, kHeight - height, i - first, height, html_letter(kind),
        stretches.title(kind, {parts[first].when.begin, parts[i - 1].when.end}));
  }
  return markup;
}

std::string legend() {
  std::string markup = "<ul class=\"keys\" aria-label=\"What the letters and colours mean\">";
  for (const TimeKind kind : history::kTimeKinds) {
    markup += "<li>" + html_cell(kind).markup + "</li>";
  }
  return markup + "</ul>\n";
}

constexpr std::string_view kTools =
    R"(<div class="tools" id="zoom" role="group" aria-label="Zoom" hidden>
<button type="button" id="zoom_in">Zoom in</button><button type="button" id="zoom_out">Zoom out</button><button type="button" id="zoom_back">Earlier</button><button type="button" id="zoom_on">Later</button><button type="button" id="zoom_all">All</button>
<span class="faint">Drag to zoom; arrow keys step from one stretch to the next, Enter zooms to it.</span></div>
)";

std::string day_text(const StatsReport& report, const Period& day) {
  std::string text = history::calendar_label(day.when.begin, report.unit, report.zone) + ": ";
  std::string times;
  for (const TimeKind kind :
       {TimeKind::safe, TimeKind::heuristic, TimeKind::unknown, TimeKind::maintenance}) {
    const Micros time = day.time.of(kind);
    if (time <= Micros{0}) continue;
    times +=
        (times.empty() ? "" : ", ") + std::string(to_string(kind)) + " " + humanize_duration(time);
  }
  if (times.empty()) times = "primary throughout";
  return text + times;
}

// What tells a cell from its neighbours: the hour, the week, the day of the month, and the month
// where one begins.
std::string short_label(const std::string& label, history::CalendarUnit unit, bool first) {
  if (unit == history::CalendarUnit::hour) {
    const std::size_t hour = label.find('T');
    return hour == std::string::npos ? label : label.substr(hour + 1, 2);
  }
  const bool month = unit == history::CalendarUnit::day && (first || label.ends_with("-01"));
  return label.substr(label.size() - std::min<std::size_t>(label.size(), month ? 5 : 2));
}

std::size_t first_day(const std::vector<Period>& days) {
  return days.size() > kMostDays ? days.size() - kMostDays : 0;
}

}  // namespace

std::string band_markup(const history::Audit& audit) {
  const auto& parts = audit.timeline;
  std::string markup = fmt::format(
      "<figure>\n{}<svg id=\"modes\" class=\"modes\" role=\"img\" aria-label=\"The modes of the "
      "system over time\" viewBox=\"0 0 {} {}\" preserveAspectRatio=\"none\">\n{}{}</svg>\n",
      kTools, std::max<std::size_t>(parts.size(), 1), kHeight, html_patterns(), rectangles(audit));
  markup += fmt::format(
      "<div class=\"ends\"><span id=\"from\">{}</span><span id=\"to\">{}</span></div>\n",
      short_time(audit.window.begin), short_time(audit.window.end));
  markup += "<figcaption>Each column shows the worst mode of its time.</figcaption>\n</figure>\n" +
            legend() + "<p id=\"readout\" role=\"status\" class=\"script\"></p>\n";
  HtmlTable shown("Stretches in view", {{"Mode"}, {"Length", "n"}, {"From", "t"}, {"Reason"}});
  return markup + "<div id=\"inview_part\" class=\"script\" hidden>\n" + shown.markup("inview") +
         "</div>\n";
}

std::string days_markup(const StatsReport& report) {
  const auto& days = report.audit.periods;
  std::string markup = "<ol class=\"days\">\n";
  for (std::size_t i = first_day(days); i < days.size(); ++i) {
    const std::string label = history::calendar_label(days[i].when.begin, report.unit, report.zone);
    markup += fmt::format("<li tabindex=\"0\" class=\"{}\"><i>{}</i><span>{}</span></li>\n",
                          html_letter(worst_of(days[i])),
                          html_text(short_label(label, report.unit, i == first_day(days))),
                          html_text(day_text(report, days[i])));
  }
  return markup + "</ol>\n";
}

namespace {

std::int64_t millis_of(TimePoint time) {
  return std::chrono::duration_cast<Millis>(time.time_since_epoch()).count();
}

}  // namespace

std::string band_data(const StatsReport& report, ReasonTable& reasons) {
  const history::Audit& audit = report.audit;
  std::vector<std::string> numbers;
  for (const std::string& reason : audit.band_reasons) {
    numbers.push_back(reason.empty() ? "" : reasons.number(reason));
  }
  // In a long window a second is less than a pixel.
  const std::int64_t unit = audit.window.length() < std::chrono::hours{24} ? 1 : 1000;
  const std::int64_t begin = millis_of(audit.window.begin) / unit * unit;
  std::string band;
  std::int64_t at = 0;
  for (const BandSegment& segment : audit.band) {
    const std::int64_t end = (millis_of(segment.when.end) - begin) / unit;
    band += html_number(std::max<std::int64_t>(end - at, 0)) + html_letter(segment.kind) +
            (segment.reason < numbers.size() ? numbers[segment.reason] : "") + ",";
    at = std::max(at, end);
  }
  std::string days;
  for (std::size_t i = first_day(audit.periods); i < audit.periods.size(); ++i) {
    days += (days.empty() ? "" : ",") + std::to_string(millis_of(audit.periods[i].when.begin));
  }
  return fmt::format("\"begin\":{},\"unit\":{},\"band\":\"{}\",\"days\":[{}]", begin, unit, band,
                     days);
}

}  // namespace rz::reports
