#include "rz/reports/html/history_sections.h"

#include <fmt/format.h>

#include <string>
#include <string_view>

#include "rz/base/counted.h"
#include "rz/base/duration.h"
#include "rz/reports/html/html_text.h"
#include "rz/reports/html/mode_band.h"

namespace rz::reports {
namespace {

std::string tile(std::string_view name, std::string_view figure) {
  return fmt::format("<div><dt>{}</dt><dd>{}</dd></div>\n", html_text(name), html_text(figure));
}

}  // namespace

void write_remarks(const StatsReport& report, HtmlPage& page) {
  const history::RecordCounts& records = report.audit.records;
  const auto remark = [&page](std::size_t count, const std::string& text) {
    if (count > 0) page.paragraph(text, "faint");
  };
  remark(report.whole ? 0 : 1,
         "Decisions of this host wait for the store, and are not in the history yet.");
  remark(report.unreadable, counted(report.unreadable, "record") + " could not be read.");
  remark(records.gaps, "Records are missing at " + counted(records.gaps, "place") +
                           "; the time between is unknown.");
  remark(report.audit.maintenance.size(),
         "Maintenance is taken out: " + counted(report.audit.maintenance.size(), "window") + ".");
  remark(records.restored, "The store lost its memory, which was put back: " +
                               counted(records.restored, "time") + ".");
}

void write_availability(const history::Audit& audit, HtmlPage& page) {
  page.section("availability", "Availability");
  std::string tiles =
      "<dl class=\"tiles\">\n" + tile("whole window", availability_text(audit.time));
  for (const history::Recent& recent : audit.recent) {
    const bool day = recent.period == std::chrono::hours{24};
    tiles += tile("last " + (day ? "24h" : humanize_duration(recent.period)),
                  availability_text(recent.time));
  }
  tiles += tile("transitions", std::to_string(audit.transitions.total));
  tiles += tile("back within " + humanize_duration(audit.flap_window),
                std::to_string(audit.flaps.total));
  tiles += tile("episodes", std::to_string(audit.episodes_total));
  tiles += tile("median to recover", duration_or_dash(audit.recovery.median));
  page.raw(tiles + "</dl>\n");
  page.paragraph("The share of the known time outside of maintenance that was primary.", "faint");
}

void write_band(const history::Audit& audit, HtmlPage& page) {
  page.section("band", "Modes over time");
  page.raw(band_markup(audit));
  if (audit.band.empty() && audit.band_total > 0) {
    page.paragraph(fmt::format("{} stretches are too many to be shown one by one; ask for a "
                               "shorter window.",
                               audit.band_total),
                   "faint");
  }
}

}  // namespace rz::reports
