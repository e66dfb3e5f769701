#include "rz/fallback/transition.h"

#include "rz/base/json.h"
#include "rz/base/text.h"
#include "rz/base/timestamp.h"

namespace rz {
namespace {

Value text_or_null(const std::string& text) { return text.empty() ? Value() : Value(text); }

tl::unexpected<Error> corrupt(const std::string& what) {
  return fail(ErrorCode::corrupt, "no transition record: " + what);
}

std::string text_member(const Value& value, std::string_view key) {
  const Value* member = value.find(key);
  const std::string* text = member ? member->as_string() : nullptr;
  return text ? *text : "";
}

Result<Mode> mode_member(const Value& value, std::string_view key) {
  const std::string text = text_member(value, key);
  if (const auto mode = parse_mode(text)) return *mode;
  return corrupt("'" + std::string(key) + "' is no mode: '" + printable(text) + "'");
}

}  // namespace

Value to_value(const Transition& transition) {
  return Value::object({{"timestamp", format_timestamp(transition.timestamp)},
                        {"from", to_string(transition.from)},
                        {"to", to_string(transition.to)},
                        {"reason", transition.reason},
                        {"trigger", text_or_null(transition.trigger)},
                        {"actor", text_or_null(transition.actor)},
                        {"host", text_or_null(transition.host)},
                        {"epoch", transition.epoch ? Value(*transition.epoch) : Value()}});
}

std::string encode(const Transition& transition) {
  Value stored = to_value(transition);
  if (!transition.writer.empty()) stored.set("writer", transition.writer);
  return to_json(stored);
}

Result<Transition> decode_transition(std::string_view json) {
  const auto value = parse_json(json);
  if (!value) return corrupt(value.error().message);
  if (value->as_object() == nullptr)
    return corrupt(std::string("it is of type ") + value->type_name());

  Transition transition;
  const auto timestamp = parse_timestamp(text_member(*value, "timestamp"));
  if (!timestamp) return corrupt("'timestamp': " + timestamp.error().message);
  transition.timestamp = *timestamp;
  const auto from = mode_member(*value, "from");
  if (!from) return fail(from.error());
  transition.from = *from;
  const auto to = mode_member(*value, "to");
  if (!to) return fail(to.error());
  transition.to = *to;
  transition.reason = text_member(*value, "reason");
  transition.trigger = text_member(*value, "trigger");
  transition.actor = text_member(*value, "actor");
  transition.host = text_member(*value, "host");
  transition.writer = text_member(*value, "writer");
  if (const Value* epoch = value->find("epoch"); epoch && epoch->as_int()) {
    transition.epoch = *epoch->as_int();
  }
  return transition;
}

}  // namespace rz
