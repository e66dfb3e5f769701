#include <fmt/format.h>

#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "rz/base/counted.h"
#include "rz/base/text.h"
#include "rz/base/timestamp.h"
#include "rz/reports/formats.h"
#include "rz/reports/history_report.h"
#include "rz/reports/html/html_page.h"
#include "rz/reports/html/html_text.h"
#include "rz/reports/html/reason_table.h"
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
    for (std::size_t i = 0; i < kept_.size(); ++i) show(kept_[i], i < kRecordsWithoutScript);
    HtmlPage html(page_, "Transitions");
    html.paragraph(counted(total_, "record"));
    if (end.failed != nullptr) html.paragraph("The list ended early: " + to_string(*end.failed));
    if (!end.whole) {
      html.paragraph("Decisions of this host wait for the store, and are not in the list yet.");
    }
    if (total_ > kMostRecordsOfPage) {
      html.paragraph(
          fmt::format("The newest {} are shown; other formats have all.", kMostRecordsOfPage));
    }
    html.section("records", "Records");
    html.raw(kFind);
    if (total_ > kRecordsWithoutScript) {
      html.raw(fmt::format(
          "<noscript><p>The first {} of them; a script shows the others.</p></noscript>\n",
          kRecordsWithoutScript));
    }
    html.raw(table_.markup("rows"));
    html.finish(fmt::format("{{\"begin\":0,\"list\":\"{}\",\"reasons\":{},\"actors\":{}}}",
                            records_, reasons_.json(), actors_.json()));
  }

 private:
  struct TimeKindPair {
    history::TimeKind from, to;
  };

  bool newest_first() const { return kept_.front().timestamp > kept_.back().timestamp; }

  void show(const Transition& record, bool without_script) {
    const std::string by = who(record);
    const TimeKindPair kinds{history::kind_of(record.from), history::kind_of(record.to)};
    if (without_script) {
      table_.row(
          {html_cell(short_time(record.timestamp), "t"), html_cell(kinds.from), html_cell(kinds.to),
           html_cell(ellipsize(printable(record.reason), kReasonColumnsOfList)), html_cell(by)});
    }
    const std::int64_t at =
        std::chrono::floor<std::chrono::seconds>(record.timestamp.time_since_epoch()).count();
    records_ += html_number(at - at_) + html_letter(kinds.from) + html_letter(kinds.to) +
                reasons_.number(record.reason) + "." + actors_.number(by) + ",";
    at_ = at;
  }

  Page& page_;
  std::size_t total_ = 0;
  std::deque<Transition> kept_{};
  std::int64_t at_ = 0;
  std::string records_{};
  ReasonTable reasons_{}, actors_{};
  HtmlTable table_{"Records", {{"Time", "t"}, {"From"}, {"To"}, {"Reason"}, {"By"}}};
};

}  // namespace

std::unique_ptr<TransitionsWriter> Html::begin_list(Page& page) {
  return std::make_unique<HtmlTransitions>(page);
}

}  // namespace rz::reports
