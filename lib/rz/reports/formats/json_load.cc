#include <cmath>
#include <string>

#include "rz/reports/formats.h"
#include "rz/reports/load_report.h"

namespace rz::reports {
namespace {

using bench::Histogram;
using bench::LoadResult;

double as_ms(double nanoseconds) { return std::round(nanoseconds) / 1e6; }
double as_ms(std::chrono::nanoseconds time) { return as_ms(static_cast<double>(time.count())); }

Value times_of(const Histogram& times) {
  if (times.empty()) return nullptr;
  Value all = Value::object({{"count", static_cast<std::int64_t>(times.count())},
                             {"min", as_ms(times.min())},
                             {"mean", as_ms(times.mean_ns())},
                             {"stddev", as_ms(times.stddev_ns())}});
  for (const ShownPercentile& shown : kShownPercentiles) {
    all.set(shown.name, as_ms(times.percentile(shown.percent)));
  }
  all.set("max", as_ms(times.max()));
  return all;
}

Value number(std::uint64_t count) { return static_cast<std::int64_t>(count); }

Value errors_of(const LoadResult& result) {
  Value errors = Value::object();
  for (std::size_t i = 0; i < result.errors.size(); ++i) {
    if (result.errors[i] == 0) continue;
    errors.set(name_of(static_cast<bench::LoadError>(i)), number(result.errors[i]));
  }
  if (result.statuses[4] > 0) errors.set("status_4xx", number(result.statuses[4]));
  if (result.statuses[5] > 0) errors.set("status_5xx", number(result.statuses[5]));
  if (result.dropped > 0) errors.set("dropped", number(result.dropped));
  return errors;
}

Value statuses_of(const LoadResult& result) {
  Value statuses = Value::object();
  for (std::size_t i = 1; i < result.statuses.size(); ++i) {
    statuses.set(std::to_string(i) + "xx", number(result.statuses[i]));
  }
  return statuses;
}

Value outcomes_of(const std::vector<bench::ThresholdOutcome>& outcomes) {
  Value list = Value::array();
  for (const bench::ThresholdOutcome& outcome : outcomes) {
    Value value = nullptr;
    if (outcome.value) {
      const bool is_time = outcome.threshold.unit == bench::LoadUnit::nanoseconds;
      // Beyond all times is no number of JSON.
      if (!std::isinf(*outcome.value)) value = is_time ? as_ms(*outcome.value) : *outcome.value;
    }
    list.push_back(Value::object({{"threshold", outcome.threshold.text},
                                  {"value", value},
                                  {"met", outcome.value ? Value(outcome.is_met()) : Value()}}));
  }
  return list;
}

Value endpoints_of(const LoadResult& result) {
  Value list = Value::array();
  for (const bench::EndpointResult& endpoint : result.endpoints) {
    const bool single = result.endpoints.size() == 1;
    list.push_back(
        Value::object({{"name", endpoint.name},
                       {"answers", number(endpoint.answered)},
                       {"errors", number(endpoint.failed)},
                       {"latency_ms", times_of(single ? result.latency : endpoint.latency)}}));
  }
  return list;
}

Value seconds_of(const LoadResult& result) {
  Value list = Value::array();
  for (const bench::LoadSecond& second : result.seconds) {
    list.push_back(Value::object({{"answers", number(second.answered)},
                                  {"errors", number(second.failed)},
                                  {"p50_ms", as_ms(second.median)},
                                  {"p99_ms", as_ms(second.p99)},
                                  {"max_ms", as_ms(second.longest)}}));
  }
  return list;
}

Value search_of(const LoadSearch& search) {
  Value steps = Value::array();
  for (const LoadSearchStep& step : search.steps) {
    Value latency = Value::object();
    for (std::size_t i = 0; i < step.percentiles.size(); ++i) {
      latency.set(kShownPercentiles[i].name, as_ms(step.percentiles[i]));
    }
    steps.push_back(Value::object({{"rate", step.rate},
                                   {"met", step.met},
                                   {"sender_late", step.late},
                                   {"latency_ms", step.percentiles.empty() ? Value() : latency},
                                   {"goals", outcomes_of(step.goals)}}));
  }
  return Value::object({{"best_rate", search.best > 0 ? Value(search.best) : Value()},
                        {"bounded", search.bounded},
                        {"steps", steps}});
}

}  // namespace

void Json::write(const LoadReport& report, Page& page) {
  const LoadResult& r = report.result;
  const bench::LoadOptions& asked = report.options;
  Value document = Value::object({{"schema", "rz.bench.http/1"},
                                  {"url", report.url()},
                                  {"loop", r.open_loop ? "open" : "closed"},
                                  {"connections", asked.connections},
                                  {"http_version", asked.http2 ? "2" : "1.1"},
                                  {"valid", !r.is_late()},
                                  {"interrupted", r.interrupted},
                                  {"duration_s", as_ms(r.elapsed) / 1e3},
                                  {"requests", number(r.sent())},
                                  {"answers", number(r.answered)},
                                  {"statuses", statuses_of(r)},
                                  {"errors", errors_of(r)},
                                  {"error_rate", r.error_rate()},
                                  {"queued", number(r.queued)},
                                  {"dropped", number(r.dropped)},
                                  {"abandoned", number(r.abandoned)},
                                  {"warm_up_requests", number(r.warm_up)},
                                  {"connections_made", number(r.connections)},
                                  {"stray_answers", number(r.stray_answers)},
                                  {"bytes", number(r.bytes)},
                                  {"throughput_rps", r.throughput()}});
  document.set("requested_rate", asked.rate ? Value(*asked.rate) : Value());
  document.set("achieved_rate", r.sent_rate());
  document.set("latency_ms", times_of(r.latency));
  if (!r.open_loop) {
    document.set("latency_corrected_ms", times_of(r.latency.empty() ? r.latency : r.corrected()));
    document.set("correction_interval_ms", as_ms(r.usual_interval()));
  }
  document.set("lateness_ms", times_of(r.lateness));
  document.set("phases_ms", Value::object({{"connect", times_of(r.connect)},
                                           {"tls", times_of(r.tls)},
                                           {"first_byte", times_of(r.first_byte)}}));
  const double processor = r.sent() == 0 ? 0
                                         : static_cast<double>(r.processor.count()) / 1e3 /
                                               static_cast<double>(r.sent() + r.warm_up);
  document.set("processor_us_per_request", processor);
  document.set("processor_share", r.processor_share);
  document.set("endpoints", endpoints_of(r));
  document.set("seconds", seconds_of(r));
  document.set("thresholds", outcomes_of(report.thresholds));
  if (report.search) document.set("search", search_of(*report.search));
  document.set("machine", report.machine);
  page.json(document);
}

}  // namespace rz::reports
