#include <string>
#include <utility>

#include "rz/base/text.h"
#include "rz/reports/formats.h"
#include "rz/reports/profile_report.h"

namespace rz::reports {
namespace {

using profile::Measure;

Value weights_by_name(const ProfileReport& report, const std::vector<std::int64_t>& weights) {
  Value object = Value::object();
  for (std::size_t i = 0; i < weights.size(); ++i) {
    object.set(report.profile.measures()[i].name, weights[i]);
  }
  return object;
}

Value measures_of(const ProfileReport& report) {
  Value measures = Value::array();
  for (std::size_t i = 0; i < report.profile.measures().size(); ++i) {
    const Measure& measure = report.profile.measures()[i];
    measures.push_back(Value::object({{"name", measure.name},
                                      {"unit", to_string(measure.unit)},
                                      {"total", report.profile.total(i)}}));
  }
  return measures;
}

Value functions_of_report(const ProfileReport& report) {
  Value functions = Value::array();
  for (const auto& one : profile::functions_of(report.profile, report.shown)) {
    functions.push_back(Value::object({{"name", one.name},
                                       {"self", weights_by_name(report, one.self)},
                                       {"total", weights_by_name(report, one.total)}}));
  }
  return functions;
}

Value stacks_of(const ProfileReport& report) {
  Value stacks = Value::array();
  for (const profile::Stack& stack : report.profile.stacks()) {
    Value frames = Value::array();
    for (const std::uint32_t frame : stack.frames) {
      frames.push_back(report.profile.names()[frame]);
    }
    stacks.push_back(Value::object(
        {{"frames", std::move(frames)}, {"weights", weights_by_name(report, stack.weights)}}));
  }
  return stacks;
}

}  // namespace

void Json::write(const ProfileReport& report, Page& page) {
  Value document =
      Value::object({{"schema", "rz.bench.profile/1"},
                     {"program", report.program},
                     {"by", report.by.empty() ? Value() : Value(report.by)},
                     {"exit_code", report.exit_code ? Value(*report.exit_code) : Value()},
                     {"cut", report.is_cut},
                     {"measures", measures_of(report)}});
  if (report.heap) {
    document.set("heap", Value::object({{"peak_bytes", report.heap->peak_bytes},
                                        {"allocations", report.heap->allocations},
                                        {"temporary", report.heap->temporary},
                                        {"leaked_bytes", report.heap->leaked_bytes}}));
  }
  if (report.before) document.set("compared_with", report.before_name);
  document.set("functions", functions_of_report(report));
  document.set("stacks", stacks_of(report));
  page.json(document);
}

}  // namespace rz::reports
