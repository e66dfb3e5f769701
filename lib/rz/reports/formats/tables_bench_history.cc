// Benchmarks over saved runs, as CSV and Markdown.

#include <string>
#include <vector>

#include "rz/base/text.h"
#include "rz/reports/bench_report.h"
#include "rz/reports/formats.h"
#include "rz/reports/writing/csv.h"
#include "rz/reports/writing/markdown_table.h"

namespace rz::reports {

// A row for each run that has the benchmark; `change` is the ratio where it changed at that run.
void Csv::write(const BenchHistory& document, Page& page) {
  CsvWriter csv(page);
  csv.row({"name", "unit", "file", "commit", "median", "noise", "change", "p"});
  for (const bench::BenchmarkHistory& one : document.history.benchmarks) {
    for (std::size_t i = 0; i < one.medians.size(); ++i) {
      const bench::BenchRun& run = document.history.runs[one.runs[i]];
      std::vector<std::string> fields = {one.name,
                                         one.unit,
                                         run.name,
                                         run.commit,
                                         format_double(one.medians[i]),
                                         one.noise ? format_double(*one.noise) : "",
                                         "",
                                         ""};
      for (const bench::ChangePoint& change : one.changes) {
        if (change.index != i) continue;
        fields[6] = format_double(change.ratio);
        fields[7] = format_double(change.p);
      }
      csv.row(fields);
    }
  }
}

void Markdown::write(const BenchHistory& document, Page& page) {
  MarkdownTable table(page, {{"Benchmark"},
                             {"Runs", true},
                             {"First", true},
                             {"Last", true},
                             {"Noise", true},
                             {"Changes"}});
  for (const bench::BenchmarkHistory& one : document.history.benchmarks) {
    if (one.medians.empty()) continue;
    std::vector<std::string> changes;
    for (const bench::ChangePoint& change : one.changes) {
      changes.push_back(describe_point(document.history, one, change));
    }
    table.row({one.name, std::to_string(one.runs.size()),
               humanize_figure(one.medians.front(), one.unit),
               humanize_figure(one.medians.back(), one.unit),
               one.noise ? spread_percent(*one.noise, 1) : "-", join(changes, "; ")});
  }
}

}  // namespace rz::reports
