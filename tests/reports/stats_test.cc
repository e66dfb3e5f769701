#include <doctest/doctest.h>

#include <string>

#include "history_results.h"
#include "rz/base/json.h"
#include "rz/base/text.h"
#include "rz/reports/formats.h"
#include "rz/reports/history_report.h"
#include "rz/reports/writing/timeline.h"
#include "terminal.h"
#include "written.h"

namespace rz::reports {
namespace {

using history::TimeKind;
using testing::audited_day;
using testing::contains;
using testing::Terminal;
using testing::written;

/// A page whose locale has no UTF-8.
class AsciiPage final : public Page {
 public:
  void raw(std::string_view bytes) override { text += bytes; }
  bool unicode() const override { return false; }
  int width() const override { return 24; }

  std::string text;
};

// A timeline of which a quarter each is primary, heuristic, safe and unknown.
history::Audit quarters() {
  history::Audit audit = audited_day().audit;
  const TimeKind kinds[] = {TimeKind::primary, TimeKind::heuristic, TimeKind::safe,
                            TimeKind::unknown};
  for (std::size_t i = 0; i < audit.timeline.size(); ++i) {
    history::Period& part = audit.timeline[i];
    part.time = {};
    part.time.add(kinds[i * 4 / audit.timeline.size()], part.when.length());
  }
  return audit;
}

}  // namespace

TEST_CASE("a timeline is as wide as the page, with a letter for each mode and blocks above") {
  Terminal narrow(false, 40);
  draw_timeline(quarters(), narrow);
  CHECK(narrow.text ==
        "▁▁▁▁▁▁▁▁▁▁▄▄▄▄▄▄▄▄▄▄██████████░░░░░░░░░░\n"
        "PPPPPPPPPPHHHHHHHHHHSSSSSSSSSS??????????\n"
        "2026-01-01T00:00:00Z\n"
        "2026-01-02T00:00:00Z\n"
        "P primary  H heuristic  S safe  ? unknown\n"
        "A column is 36m, and shows the worst of it.\n");
  Terminal wide(false, 80);
  draw_timeline(quarters(), wide);
  for (const std::string_view line : split(wide.text, '\n')) CHECK(display_width(line) <= 80);
  CHECK(contains(wide.text,
                 "\n2026-01-01T00:00:00Z                                        "
                 "2026-01-02T00:00:00Z\n"));
}

TEST_CASE("where the locale has no UTF-8 there are letters alone") {
  AsciiPage page;
  draw_timeline(quarters(), page);
  CHECK(page.text.starts_with("PPPPPPHHHHHHSSSSSS??????\n"));
  for (const char c : page.text) CHECK(static_cast<unsigned char>(c) < 0x80);
}

TEST_CASE("a colour stands beside each letter, never instead of it") {
  Terminal terminal(true, 40);
  draw_timeline(quarters(), terminal);
  CHECK(contains(terminal.text, "\x1b[33mHHHHHHHHHH\x1b[0m\x1b[31mSSSSSSSSSS\x1b[0m"));
}

TEST_CASE("a column shows the worst of it, however short that was") {
  Terminal terminal(false, 24);
  draw_timeline(audited_day().audit, terminal);
  CHECK(contains(terminal.text, "PPPPPPSPPPPPPPPPPPPPPPPP\n"));
}

TEST_CASE("statistics as text: the timeline, the figures, a line for each period, the causes") {
  const std::string text = written(audited_day(), "text");
  CHECK(text.starts_with("2026-01-01T00:00:00Z to 2026-01-02T00:00:00Z (1d)\n\n▁"));
  CHECK(contains(text,
                 "longest primary   17h 30m, from 2026-01-01T06:30:00Z to "
                 "2026-01-02T00:00:00Z\nlongest degraded  30m, from 2026-01-01T06:00:00Z to "
                 "2026-01-01T06:30:00Z\n                  safe: multiple_failures(2)\n"));
  CHECK(contains(text,
                 "DAY         WORST  AVAILABLE  HEURISTIC  SAFE  UNKNOWN  CHANGES  FLAPS\n"
                 "2026-01-01  safe    97.916 %         0s   30m       0s        2      0\n"));
  CHECK(contains(text, "DEGRADED  TIMES  CAUSE\n     30m      1  multiple_failures\n"));
}

TEST_CASE("statistics say what has to be known to believe them") {
  StatsReport report = audited_day();
  report.audit.records = {.records = 9, .restored = 1, .offline = 2, .out_of_order = 1, .gaps = 3};
  report.audit.maintenance = {report.audit.window};
  const std::string text = written(report, "text");
  CHECK(contains(text, "Records are missing at 3 places; the time between is unknown.\n"));
  CHECK(contains(text, "2 records of a host that was cut off"));
  CHECK(contains(text, "Taken out: 1 maintenance window, "));
  CHECK(contains(text, "The store lost its memory, which was put back: 1 time.\n"));
}

TEST_CASE("statistics as JSON have the periods with their labels") {
  const Value document = *parse_json(written(audited_day(), "json"));
  CHECK(*document.find("schema")->as_string() == "rz.stats/1");
  CHECK(*document.find("by")->as_string() == "day");
  CHECK(document.find("timezone")->is_null());
  const Value& day = document.find("periods")->as_array()->at(0);
  CHECK(*day.find("label")->as_string() == "2026-01-01");
  CHECK(*day.find("worst")->as_string() == "safe");
  CHECK(*day.find("time_in_mode_s")->find("safe")->as_double() == 1800);
  CHECK(*document.find("causes")->as_array()->at(0).find("cause")->as_string() ==
        "multiple_failures");
  CHECK(document.find("recent")->as_array()->size() == 1);
}

TEST_CASE("statistics as CSV and Markdown: a row for each period") {
  CHECK(written(audited_day(), "csv") ==
        "day,begin,end,primary_s,heuristic_s,safe_s,unknown_s,maintenance_s,availability,"
        "transitions,flaps,episodes\r\n"
        "2026-01-01,2026-01-01T00:00:00.000000Z,2026-01-02T00:00:00.000000Z,84600,0,1800,0,0,"
        "0.9791666666666666,2,0,1\r\n");
  CHECK(contains(written(audited_day(), "markdown"),
                 "| 2026-01-01 | 97.916 % | 0s | 30m | 0s | 2 | 0 |\n"));
}

}  // namespace rz::reports
