#include <string>

#include "rz/base/timestamp.h"
#include "rz/bench/statistics.h"
#include "rz/reports/bench_report.h"
#include "rz/reports/formats.h"
#include "rz/reports/markdown_table.h"
#include "rz/reports/transitions.h"

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

void Markdown::write(const BenchReport& report, Page& page) {
  MarkdownTable table(page, {{"Benchmark"},
                             {"Median", true},
                             {"Mean", true},
                             {"Min", true},
                             {"P95", true},
                             {"Rate", true}});
  for (const bench::Measurement& m : report.measurements) {
    if (m.samples.empty()) continue;
    const bench::Summary s = bench::summarize(m.samples);
    table.row({m.name, humanize_nanoseconds(s.median), humanize_nanoseconds(s.mean),
               humanize_nanoseconds(s.min), humanize_nanoseconds(s.p95),
               s.median > 0 ? humanize_rate(1e9 / s.median) : "-"});
  }
}

}  // namespace rz::reports
