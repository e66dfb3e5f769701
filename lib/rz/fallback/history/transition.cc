#include "rz/fallback/history/transition.h"

#include <algorithm>
#include <optional>
#include <string_view>

#include "rz/base/json.h"
#include "rz/base/json_members.h"
#include "rz/base/text.h"
#include "rz/base/timestamp.h"
#include "rz/base/try.h"
#include "rz/fallback/history/transition_view.h"

namespace rz {
namespace {

Value text_or_null(const std::string& text) { return text.empty() ? Value() : Value(text); }

tl::unexpected<Error> corrupt(const std::string& what) {
  return fail(ErrorCode::corrupt, "not a transition record: " + what);
}

Result<Mode> mode_member(const Value& value, std::string_view key) {
  const std::string text = text_or(value, key);
  if (const auto mode = parse_mode(text)) return *mode;
  return corrupt("'" + std::string(key) + "' is not a mode: '" + printable(text) + "'");
}

/// Refuses what rz has not written itself and could not keep: it would be lost silently.
Result<void> check_members(const Value& value) {
  if (const auto name = value.repeated_name()) {
    return corrupt("'" + printable(*name) + "' is there more than once");
  }
  const Value* reason = value.find("reason");
  if (reason == nullptr) return corrupt("'reason' is missing");
  if (reason->as_string() == nullptr) {
    return corrupt(std::string("'reason' must be a string, but is of type ") + reason->type_name());
  }
  for (const char* key : {"trigger", "actor", "host", "detail", "writer"}) {
    const Value* member = value.find(key);
    if (member == nullptr || member->is_null() || member->as_string() != nullptr) continue;
    return corrupt("'" + std::string(key) + "' must be a string or null, but is of type " +
                   member->type_name());
  }
  const Value* epoch = value.find("epoch");
  if (epoch == nullptr || epoch->is_null()) return {};
  if (epoch->as_int() == nullptr || *epoch->as_int() < 0) {
    return corrupt("'epoch' must be a whole number of 0 or more, or null, but is " +
                   ellipsize(to_json(*epoch), 40));
  }
  return {};
}

// Whether to_json() writes the text as it is.
bool needs_no_escapes(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return c >= 0x20 && c < 0x7F && c != '"' && c != '\\'; });
}

void add_text_or_null(std::string& json, std::string_view name, std::string_view text) {
  json.append(name);
  if (text.empty()) {
    json += "null";
  } else {
    json.append(1, '"').append(text).append(1, '"');
  }
}

}  // namespace

Value to_value(const Transition& transition) {
  // Member by member, because a list of members would copy each of them: a history has a million
  // records.
  Value::Object members;
  members.reserve(10);
  members.emplace_back("timestamp", format_timestamp(transition.timestamp));
  members.emplace_back("from", to_string(transition.from));
  members.emplace_back("to", to_string(transition.to));
  members.emplace_back("reason", transition.reason);
  members.emplace_back("trigger", text_or_null(transition.trigger));
  members.emplace_back("actor", text_or_null(transition.actor));
  members.emplace_back("host", text_or_null(transition.host));
  members.emplace_back("epoch", transition.epoch ? Value(*transition.epoch) : Value());
  if (!transition.detail.empty()) members.emplace_back("detail", transition.detail);
  return Value(std::move(members));
}

Value to_stored(const Transition& transition) {
  Value stored = to_value(transition);
  if (!transition.writer.empty()) stored.set("writer", transition.writer);
  return stored;
}

// Most records need no escapes; an import writes a million of them.
std::string encode(const Transition& transition) {
  const auto& [timestamp, from, to, reason, trigger, actor, host, epoch, writer, detail] =
      transition;
  for (const std::string* text : {&reason, &trigger, &actor, &host, &writer, &detail}) {
    if (!needs_no_escapes(*text)) return to_json(to_stored(transition));
  }
  std::string json;
  json.reserve(200 + reason.size() + actor.size() + host.size() + detail.size() + writer.size());
  json.append("{\"timestamp\":\"").append(format_timestamp(timestamp));
  json.append("\",\"from\":\"").append(to_string(from));
  json.append("\",\"to\":\"").append(to_string(to));
  json.append("\",\"reason\":\"").append(reason).append(1, '"');
  add_text_or_null(json, ",\"trigger\":", trigger);
  add_text_or_null(json, ",\"actor\":", actor);
  add_text_or_null(json, ",\"host\":", host);
  json.append(",\"epoch\":").append(epoch ? std::to_string(*epoch) : "null");
  if (!detail.empty()) add_text_or_null(json, ",\"detail\":", detail);
  if (!writer.empty()) add_text_or_null(json, ",\"writer\":", writer);
  json += '}';
  return json;
}

Result<Transition> decode_transition(std::string_view json, RecordOrigin origin) {
  if (const auto view = fallback::read_encoded(json)) return view->copy();
  const auto value = parse_json(json);
  if (!value) return corrupt(value.error().message);
  return transition_from(*value, origin);
}

Result<Transition> transition_from(const Value& value, RecordOrigin origin) {
  if (value.as_object() == nullptr)
    return corrupt(std::string("it is of type ") + value.type_name());
  if (origin == RecordOrigin::imported) {
    TRY(check_members(value));
  }

  Transition transition;
  const Value* time = value.find("timestamp");
  if (time == nullptr) return corrupt("'timestamp' is missing");
  if (time->as_string() == nullptr) {
    return corrupt(std::string("'timestamp' is of type ") + time->type_name() +
                   "; write it as text, like \"2026-01-02T03:04:05Z\"");
  }
  const auto timestamp = parse_timestamp(*time->as_string());
  if (!timestamp) return corrupt("'timestamp': " + timestamp.error().message);
  transition.timestamp = *timestamp;
  TRY_ASSIGN(transition.from, mode_member(value, "from"));
  TRY_ASSIGN(transition.to, mode_member(value, "to"));
  transition.reason = text_or(value, "reason");
  transition.trigger = text_or(value, "trigger");
  transition.actor = text_or(value, "actor");
  transition.host = text_or(value, "host");
  transition.detail = text_or(value, "detail");
  transition.writer = text_or(value, "writer");
  if (const Value* epoch = value.find("epoch"); epoch && epoch->as_int()) {
    transition.epoch = *epoch->as_int();
  }
  return transition;
}

}  // namespace rz
