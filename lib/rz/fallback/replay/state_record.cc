#include "rz/fallback/replay/state_record.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <variant>

#include "rz/base/json.h"
#include "rz/base/json_members.h"
#include "rz/base/text.h"
#include "rz/base/timestamp.h"
#include "rz/fallback/policy_variables.h"

namespace rz::fallback {
namespace {

// What a simulated system has of its own.
bool is_recorded(const PolicyVariable& variable) {
  return variable.name != "mode" && variable.name != "dwell_seconds";
}

bool take_value(const Value& value, std::int64_t& out) {
  if (value.as_int() == nullptr || *value.as_int() < 0) return false;
  out = *value.as_int();
  return true;
}

bool take_value(const Value& value, double& out) {
  if (const std::int64_t* integer = value.as_int()) {
    out = static_cast<double>(*integer);
  } else if (const double* number = value.as_double()) {
    out = *number;
  } else {
    return false;
  }
  return std::isfinite(out) && out >= 0;
}

bool take_value(const Value& value, std::string& out) {
  if (value.as_string() == nullptr) return false;
  out = *value.as_string();
  return true;
}

struct Member {
  std::string_view name;
  bool (*read)(const Value& value, HealthState& state);
};

// The way back of policy_variable_table().
constexpr Member kMembers[] = {
    {"failed_components",
     [](const Value& v, HealthState& s) { return take_value(v, s.system.failed_components); }},
    {"degraded_components",
     [](const Value& v, HealthState& s) { return take_value(v, s.system.degraded_components); }},
    {"healthy_components",
     [](const Value& v, HealthState& s) { return take_value(v, s.system.healthy_components); }},
    {"unknown_components",
     [](const Value& v, HealthState& s) { return take_value(v, s.system.unknown_components); }},
    {"total_components",
     [](const Value& v, HealthState& s) { return take_value(v, s.system.total_components); }},
    {"failures_1h",
     [](const Value& v, HealthState& s) { return take_value(v, s.retry.failures_1h); }},
    {"failure_rate",
     [](const Value& v, HealthState& s) { return take_value(v, s.retry.failure_rate); }},
    {"total_attempts",
     [](const Value& v, HealthState& s) { return take_value(v, s.retry.total_attempts); }},
    {"open_duration_seconds",
     [](const Value& v, HealthState& s) {
       return take_value(v, s.circuit_breaker.open_duration_seconds);
     }},
    {"consecutive_failures",
     [](const Value& v, HealthState& s) {
       return take_value(v, s.circuit_breaker.consecutive_failures);
     }},
    {"cpu_percent",
     [](const Value& v, HealthState& s) { return take_value(v, s.resources.cpu_percent); }},
    {"memory_percent",
     [](const Value& v, HealthState& s) { return take_value(v, s.resources.memory_percent); }},
    {"disk_percent",
     [](const Value& v, HealthState& s) { return take_value(v, s.resources.disk_percent); }},
    {"uptime_seconds",
     [](const Value& v, HealthState& s) { return take_value(v, s.uptime_seconds); }},
    {"system_status",
     [](const Value& v, HealthState& s) { return take_value(v, s.system.status); }},
    {"circuit_state",
     [](const Value& v, HealthState& s) { return take_value(v, s.circuit_breaker.state); }},
    {"retry_state", [](const Value& v, HealthState& s) { return take_value(v, s.retry.state); }},
    {"resources",
     [](const Value& v, HealthState& s) { return take_value(v, s.resources.overall); }},
    {"cpu_status", [](const Value& v, HealthState& s) { return take_value(v, s.resources.cpu); }},
    {"memory_status",
     [](const Value& v, HealthState& s) { return take_value(v, s.resources.memory); }},
    {"disk_status", [](const Value& v, HealthState& s) { return take_value(v, s.resources.disk); }},
};

Value stored_value(const ConditionContext::Stored& stored) {
  return std::visit(
      [](const auto& held) -> Value {
        if constexpr (std::is_same_v<std::decay_t<decltype(held)>, std::monostate>) {
          return {};
        } else {
          return Value(held);
        }
      },
      stored);
}

Value check_value(const CheckResult& check) {
  if (check.uncounted.empty() && !check.skipped) return to_string(check.status);
  Value value = Value::object({{"status", to_string(check.status)}});
  if (!check.uncounted.empty()) value.set("uncounted", check.uncounted);
  if (check.skipped) value.set("skipped", true);
  return value;
}

CheckResult check_of(const std::string& name, const Value& value) {
  CheckResult check;
  check.name = name;
  const std::string status =
      value.as_string() != nullptr ? *value.as_string() : text_or(value, "status");
  check.status = parse_health_status(status).value_or(HealthStatus::unknown);
  check.uncounted = text_or(value, "uncounted");
  check.skipped = boolean_or(value, "skipped", false);
  return check;
}

tl::unexpected<Error> wrong(std::string_view member) {
  return fail(ErrorCode::parse,
              "'" + std::string(member) + "' is missing, or not what a recorded state has there");
}

/// The rest of a line, read piece by piece.
class LineScanner {
 public:
  explicit LineScanner(std::string_view line) : rest_(line) {}

  bool skip(std::string_view text) {
    if (!rest_.starts_with(text)) return false;
    rest_.remove_prefix(text.size());
    return true;
  }
  // A text without escapes, behind its opening quote.
  bool text(std::string_view& out) {
    const std::size_t end = rest_.find('"');
    if (end == std::string_view::npos) return false;
    out = rest_.substr(0, end);
    rest_.remove_prefix(end + 1);
    return out.find('\\') == std::string_view::npos;
  }
  template <class Number>
  bool number(Number& out) {
    const char* const end = rest_.data() + rest_.size();
    const auto [stop, error] = std::from_chars(rest_.data(), end, out);
    if (error != std::errc{}) return false;
    rest_.remove_prefix(static_cast<std::size_t>(stop - rest_.data()));
    return true;
  }
  // Whether the object ends here, or goes on.
  bool at_end_of_value() const {
    return !rest_.empty() && (rest_.front() == ',' || rest_.front() == '}');
  }

 private:
  std::string_view rest_;
};

bool scan(LineScanner& in, VariableType type, ConditionValue& out) {
  if (type == VariableType::string) {
    std::string_view text;
    if (!in.skip("\"") || !in.text(text)) return false;
    out = text;
    return true;
  }
  if (type == VariableType::integer) {
    std::int64_t integer = 0;
    if (!in.number(integer)) return false;
    out = integer;
    return in.at_end_of_value();
  }
  double number = 0;
  if (!in.number(number)) return false;
  out = number;
  return in.at_end_of_value();
}

}  // namespace

std::string encode(const StateRecord& record) {
  Value line = Value::object({{"at", format_timestamp(record.at)},
                              {"host", record.host},
                              {"complete", record.state.complete}});
  const PolicyInputs inputs(record.state);
  for (const PolicyVariable& variable : policy_variable_table()) {
    if (is_recorded(variable)) {
      line.set(variable.name, stored_value(variable.read(inputs)));
    }
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
  StateRecord record;
  const auto at = parse_timestamp(text_or(*value, "at"));
  if (!at) return wrong("at");
  record.at = *at;
  record.host = text_or(*value, "host");
  record.state.timestamp = record.at;
  record.state.complete = boolean_or(*value, "complete", true);
  for (const Member& member : kMembers) {
    const Value* found = value->find(member.name);
    if (found == nullptr || !member.read(*found, record.state)) return wrong(member.name);
  }
  const Value* checks = value->find("checks");
  if (checks != nullptr && checks->as_object() == nullptr) return wrong("checks");
  if (checks != nullptr) {
    for (const auto& [name, check] : *checks->as_object()) {
      record.state.health_checks.push_back(check_of(name, check));
    }
  }
  record.state.void_because = text_or(*value, "void");
  return record;
}

RecordHeadReader::RecordHeadReader() {
  for (const PolicyVariable& variable : policy_variable_table()) {
    keys_.push_back(is_recorded(variable) ? ",\"" + std::string(variable.name) + "\":"
                                          : std::string());
  }
  head_.values.resize(keys_.size());
}

const RecordHead* RecordHeadReader::read(std::string_view line) {
  LineScanner in(line);
  std::string_view at;
  if (!in.skip("{\"at\":\"") || !in.text(at)) return nullptr;
  const auto time = parse_timestamp(at);
  if (!time || !in.skip(",\"host\":\"") || !in.text(head_.host)) return nullptr;
  head_.at = *time;
  if (!in.skip(",\"complete\":true") && !in.skip(",\"complete\":false")) return nullptr;
  const auto table = policy_variable_table();
  for (std::size_t i = 0; i < keys_.size(); ++i) {
    if (keys_[i].empty()) continue;
    if (!in.skip(keys_[i]) || !scan(in, table[i].type, head_.values[i])) return nullptr;
  }
  return in.at_end_of_value() ? &head_ : nullptr;
}

}  // namespace rz::fallback
