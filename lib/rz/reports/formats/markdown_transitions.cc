#include <memory>
#include <string>

#include "rz/base/timestamp.h"
#include "rz/reports/formats.h"
#include "rz/reports/transitions.h"
#include "rz/reports/writing/markdown_table.h"

namespace rz::reports {
namespace {

class MarkdownTransitions final : public TransitionsWriter {
 public:
  explicit MarkdownTransitions(Page& page)
      : table_(page, {{"Time"}, {"From"}, {"To"}, {"Reason"}, {"Trigger"}, {"Actor"}, {"Host"}}) {}

  using TransitionsWriter::add;
  void add(const fallback::TransitionView& t) override {
    table_.row({format_timestamp(t.timestamp), to_string(t.from), to_string(t.to),
                std::string(t.reason), std::string(t.trigger), std::string(t.actor),
                std::string(t.host)});
  }

  void finish(const EndOfList&) override {}

 private:
  MarkdownTable table_;
};

}  // namespace

std::unique_ptr<TransitionsWriter> Markdown::begin_list(Page& page) {
  return std::make_unique<MarkdownTransitions>(page);
}

}  // namespace rz::reports
