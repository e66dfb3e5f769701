#include <string>

#include "rz/bench/statistics.h"
#include "rz/reports/bench_report.h"
#include "rz/reports/formats.h"
#include "rz/reports/text_table.h"

namespace rz::reports {
namespace {

std::string percent(double part, double whole) {
  if (whole <= 0) return "-";
  return "±" + std::to_string(static_cast<int>(100 * part / whole + 0.5)) + "%";
}

}  // namespace

void Text::write(const BenchReport& report, Page& page) {
  TextTable table({{"BENCHMARK"},
                   {"MEDIAN", true},
                   {"SPREAD", true},
                   {"MIN", true},
                   {"P95", true},
                   {"RATE", true}});
  for (const bench::Measurement& m : report.measurements) {
    if (m.samples.empty()) continue;
    const bench::Summary s = bench::summarize(m.samples);
    table.add({{m.name},
               {humanize_nanoseconds(s.median), Color::bold},
               {percent(s.stddev, s.mean)},
               {humanize_nanoseconds(s.min)},
               {humanize_nanoseconds(s.p95)},
               {s.median > 0 ? humanize_rate(1e9 / s.median) : "-"}});
  }
  table.print(page);
}

void Text::write(const BenchList& list, Page& page) {
  for (const std::string& name : list.names) page.line(name);
}

}  // namespace rz::reports
