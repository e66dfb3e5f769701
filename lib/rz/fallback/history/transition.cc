#include "rz/fallback/history/transition.h"

#include <optional>
#include <string_view>

#include "rz/base/json.h"
#include "rz/base/json_members.h"
#include "rz/base/text.h"
#include "rz/base/timestamp.h"
#include "rz/base/try.h"

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

/// Reads a record in exactly the form that encode() writes, which nearly all records have: a
/// history has a million of them. Anything else is left to the JSON parser.
class EncodedRecord {
 public:
  explicit EncodedRecord(std::string_view text) : rest_(text) {}

  std::optional<Transition> read() {
    Transition record;
    std::string_view time;
    std::string_view from;
    std::string_view to;
    const bool whole = skip("{\"timestamp\":") && text(time) && skip(",\"from\":") && text(from) &&
                       skip(",\"to\":") && text(to) && skip(",\"reason\":") &&
                       text(record.reason) && skip(",\"trigger\":") && text(record.trigger) &&
                       skip(",\"actor\":") && text(record.actor) && skip(",\"host\":") &&
                       text(record.host) && skip(",\"epoch\":") && epoch(record.epoch) &&
                       (!skip(",\"detail\":") || text(record.detail)) && skip(",\"writer\":") &&
                       text(record.writer) && rest_ == "}";
    if (!whole) return std::nullopt;
    const auto timestamp = parse_timestamp(time);
    const auto from_mode = parse_mode(from);
    const auto to_mode = parse_mode(to);
    if (!timestamp || !from_mode || !to_mode) return std::nullopt;
    record.timestamp = *timestamp;
    record.from = *from_mode;
    record.to = *to_mode;
    return record;
  }

 private:
  bool skip(std::string_view expected) {
    if (!rest_.starts_with(expected)) return false;
    rest_.remove_prefix(expected.size());
    return true;
  }

  // Without escapes, and ASCII.
  template <class Text>
  bool text(Text& value) {
    if (!skip("\"")) return false;
    std::size_t end = 0;
    while (end < rest_.size() && rest_[end] >= 0x20 && rest_[end] < 0x7f && rest_[end] != '"' &&
           rest_[end] != '\\') {
      ++end;
    }
    value = rest_.substr(0, end);
    rest_.remove_prefix(end);
    return skip("\"");
  }

  bool epoch(std::optional<std::int64_t>& value) {
    std::size_t end = 0;
    while (end < rest_.size() && is_digit(rest_[end])) ++end;
    if (end > 1 && rest_.front() == '0') return false;
    value = parse_int(rest_.substr(0, end));
    rest_.remove_prefix(end);
    return value.has_value();
  }

  std::string_view rest_;
};

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

std::string encode(const Transition& transition) { return to_json(to_stored(transition)); }

Result<Transition> decode_transition(std::string_view json, RecordOrigin origin) {
  if (auto record = EncodedRecord(json).read()) return *std::move(record);
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
