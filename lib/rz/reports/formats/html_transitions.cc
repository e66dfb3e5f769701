#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "rz/base/counted.h"
#include "rz/base/text.h"
#include "rz/base/timestamp.h"
#include "rz/reports/formats.h"
#include "rz/reports/history_report.h"
#include "rz/reports/html/history_sections.h"
#include "rz/reports/html/html_page.h"
#include "rz/reports/html/html_text.h"
#include "rz/reports/html/mode_band.h"
#include "rz/reports/html/reason_table.h"
#include "rz/reports/html/record_data.h"
#include "rz/reports/transitions.h"

namespace rz::reports {
namespace {

// What a browser shows at once without trouble; the rest is counted.
constexpr std::size_t kMostRecordsOfPage = 20'000;
constexpr std::size_t kRecordsWithoutScript = 50;
constexpr std::size_t kReasonColumnsOfList = 300;

std::string who(const Transition& record) {
  std::string text = who_text(record.actor, record.host);
  if (!record.trigger.empty()) text += (text.empty() ? "" : ", ") + record.trigger;
  return printable(text);
}

constexpr std::string_view kFind = R"(<div class="tools" id="find" role="search" hidden>
<label for="find_text">Find</label><input id="find_text" type="search">
<label for="find_mode">To</label><select id="find_mode"><option value="">any mode</option><option value="P">primary</option><option value="H">heuristic</option><option value="S">safe</option></select>
<button type="button" id="page_back">Previous</button><button type="button" id="page_on">Next</button>
<span id="found" role="status" class="faint"></span></div>
)";

class HtmlTransitions final : public TransitionsWriter {
 public:
  explicit HtmlTransitions(Page& page) : page_(page) {}

  using TransitionsWriter::add;
  void add(const fallback::TransitionView& view) override {
    ++total_;
    if (kept_.size() < kMostRecordsOfPage) {
      kept_.push_back(view.copy());
      return;
    }
    // The newest are kept, at whichever end of the list they are.
    if (newest_first()) return;
    kept_.pop_front();
    kept_.push_back(view.copy());
  }

  void finish(const EndOfList& end) override {
    HtmlPage html(page_, "Transitions");
    write_beginning(end, html);
    const StatsReport* modes = end.modes != nullptr && *end.modes ? &**end.modes : nullptr;
    if (modes != nullptr) {
      write_availability(modes->audit, html);
      write_band(modes->audit, html);
    }
    write_records(html);
    html.finish(script_data(modes));
  }

 private:
  bool newest_first() const { return kept_.front().timestamp > kept_.back().timestamp; }

  void write_beginning(const EndOfList& end, HtmlPage& html) const {
    html.paragraph(counted(total_, "record"));
    if (end.failed != nullptr) html.paragraph("The list ended early: " + to_string(*end.failed));
    const bool remarks_tell = end.modes != nullptr && *end.modes;
    if (!end.whole && !remarks_tell) {
      html.paragraph("Decisions of this host wait for the store, and are not in the list yet.");
    }
    if (total_ > kMostRecordsOfPage) {
      html.paragraph(
          fmt::format("The newest {} are shown; other formats have all.", kMostRecordsOfPage));
    }
    if (end.modes == nullptr) return;
    if (const auto& modes = *end.modes; modes) {
      html.paragraph("Availability and modes are of all records from " +
                         window_text(modes->audit.window) +
                         ", also those that the list leaves out.",
                     "faint");
      write_remarks(*modes, html);
    } else {
      html.paragraph("The modes of this time could not be read: " + to_string(modes.error()));
    }
  }

  void write_records(HtmlPage& html) const {
    html.section("records", "Records");
    html.raw(kFind);
    const std::size_t shown = std::min(kept_.size(), kRecordsWithoutScript);
    if (total_ > shown) {
      html.raw(fmt::format(
          "<noscript><p>The first {} of them; a script shows the others.</p></noscript>\n", shown));
    }
    HtmlTable table("Records", {{"Time", "t"}, {"From"}, {"To"}, {"Reason"}, {"By", "w"}});
    for (std::size_t i = 0; i < shown; ++i) {
      const Transition& record = kept_[i];
      table.row({html_cell(short_time(record.timestamp), "t"),
                 html_cell(history::kind_of(record.from)), html_cell(history::kind_of(record.to)),
                 html_cell(ellipsize(printable(record.reason), kReasonColumnsOfList)),
                 html_cell(who(record), "w")});
    }
    html.raw(table.markup("rows"));
  }

  std::string script_data(const StatsReport* modes) const {
    ReasonTable reasons, actors;
    // The first reasons are kept whole. Those of a short list matter more than those of the band.
    for (const Transition& record : kept_) reasons.number(record.reason);
    const std::string band = modes == nullptr ? "" : band_data(*modes, reasons) + ",";
    RecordData records(modes == nullptr ? nullptr : &modes->audit, reasons, actors);
    for (const Transition& record : kept_) records.add(record, who(record));
    return fmt::format("{{{}\"list\":\"{}\",\"reasons\":{},\"actors\":{}}}", band, records.text(),
                       reasons.json(), actors.json());
  }

  Page& page_;
  std::size_t total_ = 0;
  std::deque<Transition> kept_{};
};

}  // namespace

std::unique_ptr<TransitionsWriter> Html::begin_list(Page& page) {
  return std::make_unique<HtmlTransitions>(page);
}

}  // namespace rz::reports
