#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "rz/base/counted.h"
#include "rz/base/timestamp.h"
#include "rz/reports/formats.h"
#include "rz/reports/transitions.h"
#include "rz/reports/writing/color_of.h"
#include "rz/reports/writing/text_table.h"

namespace rz::reports {
namespace {

// What the modes alone do not show: a record of the old system, and what happened when the mode
// stayed the same.
std::string remark_on(const fallback::TransitionView& transition) {
  if (transition.legacy()) return " (old system)";
  const bool tells = !transition.changes_mode() || transition.trigger == trigger::kOffline ||
                     transition.trigger == trigger::kRestored;
  if (!tells || transition.trigger.empty()) return "";
  return std::string(" (").append(transition.trigger).append(")");
}

class TextTransitions final : public TransitionsWriter {
 public:
  explicit TextTransitions(Page& page) : page_(page) {}

  using TransitionsWriter::add;
  void add(const fallback::TransitionView& transition) override {
    std::vector<Painted> row(4);
    row[0].text = format_timestamp(transition.timestamp);
    row[1].text = to_string(transition.from);
    row[2] = {to_string(transition.to), color_of(transition.to)};
    row[3].text = transition.reason;
    row[3].text += remark_on(transition);
    table_.add(std::move(row));
    if (table_.size() == kRowsAtOnce) table_.print(page_);
  }

  void pause() override {
    // What comes later may have any mode.
    for (const std::size_t column : {1, 2}) table_.reserve_width(column, kLongestMode);
    table_.print(page_);
  }
  void go_on() override { table_.omit_titles(); }
  void finish(const EndOfList&) override { table_.print(page_); }

 private:
  // Rows are printed in portions, so that memory does not grow with the history.
  static constexpr std::size_t kRowsAtOnce = 1000;
  static constexpr std::size_t kLongestMode = std::string_view("heuristic").size();

  Page& page_;
  TextTable table_{{{"TIME"}, {"FROM"}, {"TO"}, {"REASON"}}};
};

}  // namespace

std::unique_ptr<TransitionsWriter> Text::begin_list(Page& page) {
  return std::make_unique<TextTransitions>(page);
}

void Text::write(const Reindexed& done, Page& page) {
  page.line(counted(done.indexed, "record"), done.dry_run ? " would be indexed" : " indexed");
}

void Text::write(const Pruned& done, Page& page) {
  page.line(counted(done.removed, "record"), done.dry_run ? " would be removed" : " removed");
}

void Text::write(const Imported& done, Page& page) {
  const fallback::ImportReport& records = done.records;
  std::string line = counted(records.added, "record");
  line += done.dry_run ? " would be imported" : " imported";
  if (records.known > 0) line += ", " + std::to_string(records.known) + " known already";
  if (records.bad > 0) line += ", " + counted(records.bad, "line") + " left out";
  page.line(line);
}

}  // namespace rz::reports
