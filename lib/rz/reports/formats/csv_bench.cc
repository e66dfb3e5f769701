#include <string>
#include <vector>

#include "rz/base/text.h"
#include "rz/bench/statistics/summary.h"
#include "rz/reports/bench_report.h"
#include "rz/reports/formats.h"
#include "rz/reports/writing/csv.h"

namespace rz::reports {
namespace {

/// What the comparison says of the benchmark; empty fields if it says nothing.
void append_change(const bench::Comparison& comparison, const std::string& name,
                   std::vector<std::string>& fields) {
  for (const bench::BenchmarkChange& change : comparison.changes) {
    if (change.name != name) continue;
    for (const double figure :
         {change.before, change.now, change.ratio, change.interval.low, change.interval.high}) {
      fields.push_back(format_double(figure));
    }
    fields.push_back(change.p_adjusted ? format_double(*change.p_adjusted) : "");
    fields.emplace_back(bench::to_string(change.verdict));
    return;
  }
  fields.insert(fields.end(), 7, "");
}

}  // namespace

// Machine, samples and errors are left out: they do not fit into a table with a row for each
// benchmark.
void Csv::write(const BenchReport& report, Page& page) {
  CsvWriter csv(page);
  std::vector<std::string> titles = {"name", "unit", "median", "mean", "stddev",
                                     "min",  "max",  "p95",    "p99",  "samples"};
  if (report.comparison) {
    titles.insert(titles.end(), {"before", "now", "ratio", "low", "high", "p_adjusted", "verdict"});
  }
  csv.row(titles);
  for (const bench::Measurement& m : report.run.measurements) {
    std::vector<std::string> fields = {m.name, m.unit};
    if (!m.samples.empty()) {
      const bench::Summary s = bench::summarize(m.samples);
      for (const double figure : {s.median, s.mean, s.stddev, s.min, s.max, s.p95, s.p99}) {
        fields.push_back(format_double(figure));
      }
      fields.push_back(std::to_string(m.samples.size()));
    } else if (m.moments) {
      // Nobody knows the others.
      fields.insert(fields.end(),
                    {"", format_double(m.moments->mean), format_double(m.moments->stddev), "", "",
                     "", "", std::to_string(m.moments->count)});
    } else {
      continue;
    }
    if (report.comparison) append_change(*report.comparison, m.name, fields);
    csv.row(fields);
  }
}

}  // namespace rz::reports
