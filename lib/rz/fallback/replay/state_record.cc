#include "rz/fallback/replay/state_record.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <iterator>
#include <span>
#include <type_traits>
#include <variant>

#include "rz/base/json.h"
#include "rz/base/json_members.h"
#include "rz/base/text.h"
#include "rz/base/timestamp.h"
#include "rz/fallback/policy_variables.h"

namespace rz::fallback {
namespace {

bool take(const Value& value, const PolicyVariable&, std::int64_t& out) {
  if (value.as_int() == nullptr || *value.as_int() < 0) return false;
  out = *value.as_int();
  return true;
}

bool take(const Value& value, const PolicyVariable&, double& out) {
  if (const std::int64_t* integer = value.as_int()) {
    out = static_cast<double>(*integer);
  } else if (const double* number = value.as_double()) {
    out = *number;
  } else {
    return false;
  }
  return std::isfinite(out) && out >= 0;
}

bool take(const Value& value, const PolicyVariable& variable, std::string& out) {
  const std::string* const text = value.as_string();
  const auto words = variable.words;
  if (text == nullptr || std::find(words.begin(), words.end(), *text) == words.end()) return false;
  out = *text;
  return true;
}

// A member that may be missing.
template <class Type>
bool take_if_there(const Value& object, std::string_view name, const Type* (Value::*as)() const,
                   Type& out) {
  const Value* const value = object.find(name);
  if (value == nullptr) return true;
  const Type* const found = (value->*as)();
  if (found != nullptr) out = *found;
  return found != nullptr;
}

Value check_value(const CheckResult& check) {
  if (check.uncounted.empty() && !check.skipped) return to_string(check.status);
  Value value = Value::object({{"status", to_string(check.status)}});
  if (!check.uncounted.empty()) value.set("uncounted", check.uncounted);
  if (check.skipped) value.set("skipped", true);
  return value;
}

bool take_check(const Value& value, CheckResult& check) {
  std::string status;
  if (value.as_string() != nullptr) {
    status = *value.as_string();
  } else if (value.repeated_name() || !take_if_there(value, "status", &Value::as_string, status) ||
             !take_if_there(value, "uncounted", &Value::as_string, check.uncounted) ||
             !take_if_there(value, "skipped", &Value::as_bool, check.skipped)) {
    return false;
  }
  const auto known = parse_health_status(status);
  if (known) check.status = *known;
  return known.has_value();
}

tl::unexpected<Error> wrong(std::string_view member) {
  return fail(ErrorCode::parse,
              "'" + std::string(member) + "' is missing, or not what a recorded state has there");
}

bool is_member(std::string_view name) {
  constexpr std::string_view kOthers[] = {"at", "host", "scope", "complete", "checks", "void"};
  const auto table = policy_variable_table();
  return std::find(std::begin(kOthers), std::end(kOthers), name) != std::end(kOthers) ||
         std::any_of(table.begin(), table.end(),
                     [name](const PolicyVariable& one) { return one.name == name; });
}

// An rz that did not have a variable yet has written lines without it. But where another name
// stands there, or none of them does, the line is of something else, or misspelt.
Result<void> take_variables(const Value& line, HealthState& state) {
  std::string_view missing;
  bool any = false;
  for (const PolicyVariable& variable : policy_variable_table()) {
    if (variable.place == nullptr) continue;
    const Value* const found = line.find(variable.name);
    if (found == nullptr) {
      if (missing.empty()) missing = variable.name;
      continue;
    }
    any = true;
    const bool taken = std::visit([&](auto* place) { return take(*found, variable, *place); },
                                  variable.place(state));
    if (!taken) return wrong(variable.name);
  }
  if (missing.empty()) return {};
  const auto& members = *line.as_object();
  const bool all_known = std::all_of(members.begin(), members.end(),
                                     [](const auto& each) { return is_member(each.first); });
  if (!any || !all_known) return wrong(missing);
  return {};
}

tl::unexpected<Error> repeated(std::string_view name) {
  return fail(ErrorCode::parse, "'" + printable(name) + "' is there twice");
}

/// A line, read piece by piece. It stops at all that JSON allows and encode() writes seldom or
/// never, for the sake of which lines are read in another way.
class LineScanner {
 public:
  explicit LineScanner(std::string_view line) : rest_(line) {}

  std::string_view rest() const { return rest_; }
  bool skip(std::string_view text) {
    if (!rest_.starts_with(text)) return false;
    rest_.remove_prefix(text.size());
    return true;
  }
  // A text behind its opening quote, printable ASCII without escapes.
  bool text(std::string_view& out) {
    std::size_t size = 0;
    for (;; ++size) {
      if (size == rest_.size()) return false;
      const char c = rest_[size];
      if (c == '"') break;
      if (c < ' ' || c > '~' || c == '\\') return false;
    }
    out = rest_.substr(0, size);
    rest_.remove_prefix(size + 1);
    return true;
  }
  // One of `words`, with its quotes.
  bool word(std::span<const std::string_view> words, std::string_view& out) {
    if (!skip("\"")) return false;
    for (const std::string_view one : words) {
      if (at(one.size()) != '"' || !rest_.starts_with(one)) continue;
      out = one;
      rest_.remove_prefix(one.size() + 1);
      return true;
    }
    return false;
  }
  // What follows a number ends it: here it is always the name of the next member.
  bool integer(std::int64_t& out) {
    constexpr std::size_t kMaxDigits = 18;
    const std::size_t size = digits(0);
    if (size == 0 || size > kMaxDigits || has_leading_zero(size)) return false;
    out = 0;
    for (const char digit : rest_.substr(0, size)) out = 10 * out + (digit - '0');
    rest_.remove_prefix(size);
    return true;
  }
  bool number(double& out) {
    std::size_t size = digits(0);
    if (size == 0 || has_leading_zero(size)) return false;
    if (at(size) == '.') {
      const std::size_t fraction = digits(size + 1);
      if (fraction == 0) return false;
      if (is_short(size, fraction)) return short_number(size, fraction, out);
      size += 1 + fraction;
    }
    if (at(size) == 'e' || at(size) == 'E') {
      const std::size_t sign = at(size + 1) == '+' || at(size + 1) == '-' ? 1 : 0;
      const std::size_t exponent = digits(size + 1 + sign);
      if (exponent == 0) return false;
      size += 1 + sign + exponent;
    }
    const auto [stop, error] = std::from_chars(rest_.data(), rest_.data() + size, out);
    if (error != std::errc{} || stop != rest_.data() + size) return false;
    rest_.remove_prefix(size);
    return true;
  }

 private:
  // Both the digits as a whole number and the power of ten are then doubles without an error, and a
  // division of two such rounds as the number itself does.
  bool is_short(std::size_t whole, std::size_t fraction) const {
    constexpr std::size_t kExactDigits = 15;
    const char behind = at(whole + 1 + fraction);
    return whole + fraction <= kExactDigits && behind != 'e' && behind != 'E';
  }
  bool short_number(std::size_t whole, std::size_t fraction, double& out) {
    std::int64_t value = 0;
    std::int64_t power = 1;
    for (const char digit : rest_.substr(0, whole)) value = 10 * value + (digit - '0');
    for (const char digit : rest_.substr(whole + 1, fraction)) {
      value = 10 * value + (digit - '0');
      power *= 10;
    }
    out = static_cast<double>(value) / static_cast<double>(power);
    rest_.remove_prefix(whole + 1 + fraction);
    return true;
  }
  char at(std::size_t place) const { return place < rest_.size() ? rest_[place] : '\0'; }
  std::size_t digits(std::size_t from) const {
    std::size_t size = 0;
    while (at(from + size) >= '0' && at(from + size) <= '9') ++size;
    return size;
  }
  bool has_leading_zero(std::size_t size) const { return size > 1 && rest_.front() == '0'; }

  std::string_view rest_;
};

// Null: the variable is no part of a state, or the state has nothing there.
ConditionValue default_of(const PolicyVariable& variable) {
  static HealthState state;
  if (variable.place == nullptr) return {};
  return std::visit([](const auto* place) { return ConditionValue(*place); },
                    variable.place(state));
}

bool scan(LineScanner& in, const PolicyVariable& variable, ConditionValue& out) {
  if (variable.type == VariableType::string) {
    std::string_view word;
    if (!in.word(variable.words, word)) return false;
    out = word;
    return true;
  }
  if (variable.type == VariableType::integer) {
    std::int64_t integer = 0;
    if (!in.integer(integer)) return false;
    out = integer;
    return true;
  }
  double number = 0;
  if (!in.number(number)) return false;
  out = number;
  return true;
}

bool scan(LineScanner& in, CheckResult& check) {
  std::string_view text;
  if (!in.skip("\"") || !in.text(text)) return false;
  check.name = text;
  const bool is_object = in.skip(":{\"status\":\"");
  if ((!is_object && !in.skip(":\"")) || !in.text(text)) return false;
  const auto status = parse_health_status(text);
  if (!status) return false;
  check.status = *status;
  if (!is_object) return true;
  if (in.skip(",\"uncounted\":\"")) {
    if (!in.text(text)) return false;
    check.uncounted = text;
  }
  check.skipped = in.skip(",\"skipped\":true");
  return in.skip("}");
}

}  // namespace

std::string encode(const StateRecord& record) {
  Value line = Value::object({{"at", format_timestamp(record.at)}, {"host", record.host}});
  if (!record.scope.empty()) line.set("scope", record.scope);
  line.set("complete", record.state.complete);
  const PolicyInputs inputs(record.state);
  for (const PolicyVariable& variable : policy_variable_table()) {
    // What has no place in a state a simulated system has of its own.
    if (variable.place != nullptr) line.set(variable.name, to_value(variable.read(inputs)));
  }
  if (!record.state.health_checks.empty()) {
    Value checks = Value::object();
    for (const CheckResult& each : record.state.health_checks)
      checks.set(each.name, check_value(each));
    line.set("checks", std::move(checks));
  }
  if (!record.state.void_because.empty()) line.set("void", record.state.void_because);
  return to_json(line);
}

Result<StateRecord> decode_state_record(std::string_view line) {
  const auto value = parse_json(line);
  if (!value) return fail(value.error());
  if (value->as_object() == nullptr) return fail(ErrorCode::parse, "is not a JSON object");
  // Nothing tells which of two was meant.
  if (const auto name = value->repeated_name()) return repeated(*name);
  StateRecord record;
  const auto at = parse_timestamp(text_or(*value, "at"));
  if (!at) return wrong("at");
  record.at = *at;
  record.state.timestamp = record.at;
  const Value* const host = value->find("host");
  if (host == nullptr || host->as_string() == nullptr) return wrong("host");
  record.host = *host->as_string();
  if (!take_if_there(*value, "scope", &Value::as_string, record.scope)) return wrong("scope");
  if (!take_if_there(*value, "complete", &Value::as_bool, record.state.complete)) {
    return wrong("complete");
  }
  if (auto taken = take_variables(*value, record.state); !taken) return fail(taken.error());
  if (const Value* const checks = value->find("checks")) {
    if (checks->as_object() == nullptr) return wrong("checks");
    if (const auto name = checks->repeated_name()) return repeated(*name);
    for (const auto& [name, check] : *checks->as_object()) {
      CheckResult& result = record.state.health_checks.emplace_back();
      result.name = name;
      if (!take_check(check, result)) return wrong("checks");
    }
  }
  if (!take_if_there(*value, "void", &Value::as_string, record.state.void_because)) {
    return wrong("void");
  }
  return record;
}

StateRecordReader::StateRecordReader() {
  for (const PolicyVariable& variable : policy_variable_table()) {
    const bool recorded = variable.place != nullptr;
    keys_.push_back(recorded ? ",\"" + std::string(variable.name) + "\":" : std::string());
    defaults_.push_back(default_of(variable));
  }
  head_.values = defaults_;
}

const RecordHead* StateRecordReader::read(std::string_view line) {
  LineScanner in(line);
  std::string_view at;
  if (!in.skip("{\"at\":\"") || !in.text(at)) return nullptr;
  const auto time = parse_timestamp(at);
  if (!time || !in.skip(",\"host\":\"") || !in.text(head_.host)) return nullptr;
  head_.at = *time;
  head_.scope = {};
  if (in.skip(",\"scope\":\"") && !in.text(head_.scope)) return nullptr;
  record_.state.complete = in.skip(",\"complete\":true");
  if (!record_.state.complete && !in.skip(",\"complete\":false")) return nullptr;
  const auto table = policy_variable_table();
  bool any = false;
  for (std::size_t i = 0; i < keys_.size(); ++i) {
    if (keys_[i].empty()) continue;
    if (!in.skip(keys_[i])) {
      head_.values[i] = defaults_[i];
    } else if (scan(in, table[i], head_.values[i])) {
      any = true;
    } else {
      return nullptr;
    }
  }
  if (!any) return nullptr;
  const bool is_known = !tail_.empty() && in.rest() == tail_;
  return is_known || read_tail(in.rest()) ? &head_ : nullptr;
}

bool StateRecordReader::read_tail(std::string_view tail) {
  tail_.clear();
  HealthState& state = record_.state;
  state.health_checks.clear();
  state.void_because.clear();
  LineScanner in(tail);
  if (in.skip(",\"checks\":{")) {
    do {
      if (!scan(in, state.health_checks.emplace_back())) return false;
    } while (in.skip(","));
    if (!in.skip("}")) return false;
    names_.clear();
    for (const CheckResult& check : state.health_checks) names_.push_back(check.name);
    std::sort(names_.begin(), names_.end());
    if (std::adjacent_find(names_.begin(), names_.end()) != names_.end()) return false;
  }
  std::string_view why;
  if (in.skip(",\"void\":\"")) {
    if (!in.text(why)) return false;
    state.void_because = why;
  }
  if (in.rest() != "}") return false;
  tail_ = tail;
  return true;
}

const StateRecord& StateRecordReader::record() {
  record_.at = head_.at;
  record_.host = head_.host;
  record_.scope = head_.scope;
  record_.state.timestamp = head_.at;
  const auto table = policy_variable_table();
  for (std::size_t i = 0; i < table.size(); ++i) {
    if (table[i].place == nullptr) continue;
    std::visit(
        [&](auto* place) {
          using Held = std::decay_t<decltype(*place)>;
          using Read =
              std::conditional_t<std::is_same_v<Held, std::string>, std::string_view, Held>;
          *place = std::get<Read>(head_.values[i]);
        },
        table[i].place(record_.state));
  }
  return record_;
}

}  // namespace rz::fallback
