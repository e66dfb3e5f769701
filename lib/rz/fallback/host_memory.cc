#include "rz/fallback/host_memory.h"

#include <algorithm>

#include "rz/base/json_members.h"
#include "rz/base/timestamp.h"
#include "rz/fallback/flapping.h"

namespace rz::fallback {
namespace {

constexpr Mode kWorseModes[] = {Mode::heuristic, Mode::safe};

std::optional<TimePoint> remembered_time(const Value& object, std::string_view key) {
  if (object.find(key) == nullptr) return std::nullopt;
  const auto time = parse_timestamp(text_or(object, key));
  return time ? std::optional(*time) : std::nullopt;
}

Value to_stored(const RuleMemory& rule) {
  Value value = Value::object();
  if (rule.since) value.set("since", format_timestamp(*rule.since));
  if (rule.firing) value.set("firing", true);
  return value;
}

std::map<std::string, RuleMemory> rules_from(const Value& stored) {
  std::map<std::string, RuleMemory> rules;
  const Value* value = stored.find("rules");
  const Value::Object* members = value != nullptr ? value->as_object() : nullptr;
  if (members == nullptr) return rules;
  for (const auto& [name, member] : *members) {
    RuleMemory rule{remembered_time(member, "since"), boolean_or(member, "firing", false)};
    if (rule != RuleMemory{}) rules.emplace(name, rule);
  }
  return rules;
}

}  // namespace

bool HostMemory::says_same_as(const HostMemory& other) const {
  HostMemory same_time = other;
  same_time.at = at;
  return *this == same_time;
}

bool HostMemory::empty() const { return says_same_as({}); }

Value to_stored(const HostMemory& memory) {
  Value value = Value::object({{"at", format_timestamp(memory.at)}});
  if (memory.good > 0) value.set("good_evaluations", memory.good);
  for (const Mode mode : kWorseModes) {
    const auto& last = memory.last_call_for(mode);
    if (last) value.set(to_string(mode), format_timestamp(*last));
  }
  if (!memory.rules.empty()) {
    Value rules = Value::object();
    for (const auto& [name, rule] : memory.rules) rules.set(name, to_stored(rule));
    value.set("rules", std::move(rules));
  }
  if (!memory.recent.empty()) value.set("recent", memory.recent);
  if (memory.flapping) value.set("flapping", to_string(*memory.flapping));
  return value;
}

HostMemory host_memory_from(const Value& stored) {
  HostMemory memory;
  memory.at = remembered_time(stored, "at").value_or(TimePoint{});
  memory.good = std::max<std::int64_t>(integer_or(stored, "good_evaluations"), 0);
  for (const Mode mode : kWorseModes) {
    memory.last_call_for(mode) = remembered_time(stored, to_string(mode));
  }
  memory.rules = rules_from(stored);
  const std::string recent = text_or(stored, "recent");
  const bool known = recent.find_first_not_of("phs") == std::string::npos;
  if (known && recent.size() <= kFlapResults) memory.recent = recent;
  memory.flapping = parse_mode(text_or(stored, "flapping"));
  return memory;
}

}  // namespace rz::fallback
