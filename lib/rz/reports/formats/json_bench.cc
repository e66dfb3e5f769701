#include "rz/bench/statistics.h"
#include "rz/reports/bench_report.h"
#include "rz/reports/formats.h"

namespace rz::reports {

void Json::write(const BenchReport& report, Page& page) {
  Value benchmarks = Value::array();
  Value errors = Value::array();
  for (const bench::Measurement& m : report.measurements) {
    if (m.error) {
      errors.push_back(Value::object({{"name", m.name}, {"message", to_string(*m.error)}}));
    }
    if (m.samples.empty()) continue;
    const bench::Summary s = bench::summarize(m.samples);
    benchmarks.push_back(
        Value::object({{"name", m.name},
                       {"unit", "ns"},
                       {"median", s.median},
                       {"mean", s.mean},
                       {"stddev", s.stddev},
                       {"min", s.min},
                       {"max", s.max},
                       {"p95", s.p95},
                       {"p99", s.p99},
                       {"iterations", static_cast<std::int64_t>(m.iterations)},
                       {"samples", Value::Array(m.samples.begin(), m.samples.end())}}));
  }
  Value document = Value::object({{"schema", "rz.bench/1"}, {"machine", report.machine}});
  document.set("benchmarks", std::move(benchmarks));
  if (!errors.as_array()->empty()) document.set("errors", std::move(errors));
  page.json(document);
}

void Json::write(const BenchList& list, Page& page) {
  page.json(Value::object({{"schema", "rz.bench.list/1"},
                           {"benchmarks", Value::Array(list.names.begin(), list.names.end())}}));
}

}  // namespace rz::reports
