#include <string>
#include <utility>

#include "rz/reports/formats.h"
#include "rz/reports/profile_report.h"

namespace rz::reports {
namespace {

const char* unit_name(profile::Unit unit) {
  switch (unit) {
    case profile::Unit::nanoseconds: return "nanoseconds";
    case profile::Unit::bytes: return "bytes";
    case profile::Unit::count: return "none";
  }
  return "none";
}

/// A `sampled` profile: the stack and the weight of each sample, the outermost frame first.
Value sampled_profile(const profile::Profile& profile, std::size_t measure) {
  Value samples = Value::array();
  Value weights = Value::array();
  for (const profile::Stack& stack : profile.stacks()) {
    if (stack.weights[measure] == 0) continue;
    Value frames = Value::array();
    for (const std::uint32_t frame : stack.frames) frames.push_back(frame);
    samples.push_back(std::move(frames));
    weights.push_back(stack.weights[measure]);
  }
  return Value::object({{"type", "sampled"},
                        {"name", profile.measures()[measure].name},
                        {"unit", unit_name(profile.measures()[measure].unit)},
                        {"startValue", 0},
                        {"endValue", profile.total(measure)},
                        {"samples", std::move(samples)},
                        {"weights", std::move(weights)}});
}

}  // namespace

void Speedscope::write(const ProfileReport& report, Page& page) {
  Value frames = Value::array();
  for (const std::string& name : report.profile.names()) {
    frames.push_back(Value::object({{"name", name}}));
  }
  Value profiles = Value::array();
  for (std::size_t i = 0; i < report.profile.measures().size(); ++i) {
    profiles.push_back(sampled_profile(report.profile, i));
  }
  page.json(Value::object({{"$schema", "https://www.speedscope.app/file-format-schema.json"},
                           {"exporter", "rz bench profile"},
                           {"name", report.program},
                           {"activeProfileIndex", report.shown},
                           {"shared", Value::object({{"frames", std::move(frames)}})},
                           {"profiles", std::move(profiles)}}));
}

}  // namespace rz::reports
