#include <string>

#include "rz/base/counted.h"
#include "rz/base/timestamp.h"
#include "rz/reports/color_of.h"
#include "rz/reports/formats.h"
#include "rz/reports/text_table.h"
#include "rz/reports/transitions.h"

namespace rz::reports {
namespace {

// What the modes alone do not show: a record of the old system, and what happened when the mode
// stayed the same.
std::string remark_on(const Transition& transition) {
  if (transition.legacy()) return " (old system)";
  const bool tells = !transition.changes_mode() || transition.trigger == trigger::kOffline ||
                     transition.trigger == trigger::kRestored;
  return tells && !transition.trigger.empty() ? " (" + transition.trigger + ")" : "";
}

class TextTransitions final : public TransitionsWriter {
 public:
  explicit TextTransitions(Page& page) : page_(page) {}

  void add(const Transition& transition) override {
    table_.add({{format_timestamp(transition.timestamp)},
                {to_string(transition.from)},
                {to_string(transition.to), color_of(transition.to)},
                {transition.reason + remark_on(transition)}});
    if (table_.size() == kRowsAtOnce) table_.print(page_);
  }

  void finish(const EndOfList&) override { table_.print(page_); }

 private:
  // Rows are printed in portions, so that memory does not grow with the history.
  static constexpr std::size_t kRowsAtOnce = 1000;

  Page& page_;
  TextTable table_{{{"TIME"}, {"FROM"}, {"TO"}, {"REASON"}}};
};

}  // namespace

std::unique_ptr<TransitionsWriter> Text::begin_list(Page& page) {
  return std::make_unique<TextTransitions>(page);
}

void Text::write(const Reindexed& done, Page& page) {
  page.line(counted(done.indexed, "record"), " indexed");
}

void Text::write(const Pruned& done, Page& page) {
  page.line(counted(done.removed, "record"), " removed");
}

void Text::write(const Imported& done, Page& page) {
  const fallback::ImportReport& records = done.records;
  std::string line = counted(records.added, "record") + " imported";
  if (records.known > 0) line += ", " + std::to_string(records.known) + " known already";
  if (records.bad > 0) line += ", " + counted(records.bad, "line") + " left out";
  page.line(line);
}

}  // namespace rz::reports
