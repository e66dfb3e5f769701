#include "rz/fallback/mode_state.h"

#include "rz/base/json.h"
#include "rz/base/timestamp.h"

namespace rz {
namespace {

tl::unexpected<Error> corrupt(const std::string& what) {
  return fail(ErrorCode::corrupt,
              "the stored mode cannot be read: " + what +
                  "; look at the key, and set a mode anew with 'rz cascade set' once it is removed",
              std::string(kModeStateKey));
}

const std::string* text_of(const Value& value, std::string_view key) {
  const Value* member = value.find(key);
  return member ? member->as_string() : nullptr;
}

std::optional<std::int64_t> integer_of(const Value& value, std::string_view key) {
  const Value* member = value.find(key);
  if (member == nullptr || member->as_int() == nullptr) return std::nullopt;
  return *member->as_int();
}

std::string text_or_empty(const Value& value, std::string_view key) {
  const std::string* text = text_of(value, key);
  return text ? *text : "";
}

Result<std::optional<Pin>> decode_pin(const Value& state) {
  const Value* value = state.find("pin");
  if (value == nullptr || value->is_null()) return std::optional<Pin>{};
  // A pin that is read wrongly would hold for ever, or not at all.
  if (value->as_object() == nullptr) return corrupt("'pin' is no object");
  Pin pin{std::nullopt, text_or_empty(*value, "reason"), text_or_empty(*value, "actor")};
  if (const Value* until = value->find("until"); until != nullptr && !until->is_null()) {
    const auto time = parse_timestamp(text_or_empty(*value, "until"));
    if (!time) return corrupt("'pin.until': " + time.error().message);
    pin.until = *time;
  }
  return std::optional<Pin>(std::move(pin));
}

}  // namespace

Value to_value(const Pin& pin) {
  return Value::object({{"until", pin.until ? Value(format_timestamp(*pin.until)) : Value()},
                        {"reason", pin.reason},
                        {"actor", pin.actor}});
}

std::string encode(const ModeState& state) {
  return to_json(Value::object({{"mode", to_string(state.mode)},
                                {"epoch", state.epoch},
                                {"since", format_timestamp(state.since)},
                                {"reason", state.reason},
                                {"pin", state.pin ? to_value(*state.pin) : Value()},
                                {"good_evaluations", state.good_evaluations},
                                {"writer", state.writer}}));
}

Result<ModeState> decode_mode_state(std::string_view json) {
  const auto value = parse_json(json);
  if (!value) return corrupt(value.error().message);
  ModeState state;
  const auto mode = parse_mode(text_or_empty(*value, "mode"));
  if (!mode) return corrupt("'mode' is no mode");
  state.mode = *mode;
  const auto epoch = integer_of(*value, "epoch");
  if (!epoch || *epoch < 0) return corrupt("'epoch' is no count");
  state.epoch = *epoch;
  const auto since = parse_timestamp(text_or_empty(*value, "since"));
  if (!since) return corrupt("'since': " + since.error().message);
  state.since = *since;
  state.reason = text_or_empty(*value, "reason");
  auto pin = decode_pin(*value);
  if (!pin) return fail(std::move(pin).error());
  state.pin = std::move(*pin);
  state.good_evaluations = integer_of(*value, "good_evaluations").value_or(0);
  state.writer = text_or_empty(*value, "writer");
  return state;
}

}  // namespace rz
