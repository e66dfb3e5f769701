#include "rz/health/health_state.h"

#include <algorithm>
#include <cmath>
#include <initializer_list>
#include <iterator>
#include <span>

#include "rz/base/text.h"
#include "rz/base/timestamp.h"
#include "rz/health/component_run.h"

namespace rz {
namespace {

constexpr int kHealthyRank = 3;

constexpr std::string_view kStatusWords[] = {"healthy", "degraded", "unhealthy", "unknown"};

// The order in which problems are shown; what is not a problem comes last.
int severity_rank(std::string_view status) {
  if (status == "failed") return 0;
  if (status == "degraded") return 1;
  return status == "unknown" ? 2 : kHealthyRank;
}

// Each has a name of its own, and there may be thousands, so that none is searched for.
template <class Named>
Value members_by_name(const std::vector<Named>& all) {
  Value::Object object;
  for (const Named& each : all) object.emplace_back(each.name, to_value(each));
  return Value(std::move(object));
}

Value problems_value(const std::vector<ComponentProblem>& problems) {
  Value list = Value::array();
  for (const ComponentProblem& problem : problems) {
    list.push_back(Value::object(
        {{"name", problem.name}, {"status", problem.status}, {"message", problem.message}}));
  }
  return list;
}

// HALF-OPEN and half_open are the same word.
bool is_word(std::string_view text, std::string_view word) {
  std::string plain(text);
  std::replace(plain.begin(), plain.end(), '-', '_');
  return equals_ignore_case(plain, word);
}

/// Reads the members of one section. The first wrong one is kept as the error, with its path.
class SectionReader {
 public:
  SectionReader(SectionReader& parent, std::string_view name)
      : section_(parent.find(name)),
        path_(parent.path_ + (parent.path_.empty() ? "" : ".") + std::string(name)),
        error_(parent.error_) {
    require_object();
  }

  /// The document's own members.
  SectionReader(const Value& document, std::optional<Error>& error)
      : section_(&document), error_(error) {
    refuse_duplicates();
  }

  bool present() const { return section_ != nullptr; }
  bool has(std::string_view key) { return find(key) != nullptr; }

  /// Names members that are read elsewhere, or by nobody.
  void know(std::initializer_list<std::string_view> keys) {
    known_.insert(known_.end(), keys.begin(), keys.end());
  }

  /// Refuses a member whose name is nearly that of one which is known: a misspelt count would be a
  /// count of nothing. Other names are of other systems, and are ignored.
  void refuse_misspelt() {
    if (section_ == nullptr) return;
    for (const auto& [name, member] : *section_->as_object()) {
      if (std::find(known_.begin(), known_.end(), name) != known_.end()) continue;
      const std::string near = suggestion(name, known_);
      if (near.empty()) continue;
      refuse(name,
             "is not a member of a health state; known here are " + join(known_, ", ") + near);
    }
  }

  void refuse(std::string_view key, std::string message) {
    if (error_) return;
    const std::string dot = path_.empty() || key.empty() ? "" : ".";
    error_ = Error{ErrorCode::parse, std::move(message), path_ + dot + std::string(key)};
  }

  /// Reads one of `words`, in any case. False: there is no such member.
  bool word(std::string_view key, std::span<const std::string_view> words, std::string& out) {
    const Value* member = find(key);
    if (member == nullptr) return false;
    const std::string* text = member->as_string();
    if (text == nullptr) {
      must_be(key, "a string");
      return true;
    }
    const auto known = std::find_if(words.begin(), words.end(), [text](std::string_view word) {
      return is_word(*text, word) || (word == "failed" && is_word(*text, "unhealthy"));
    });
    if (known != words.end()) {
      out = *known;
    } else {
      must_be(key, join_or(words) + ", but is '" + ellipsize(printable(*text), 40) + "'");
    }
    return true;
  }

  void text(std::string_view key, std::string& out) {
    const Value* member = find(key);
    if (member == nullptr) return;
    if (const std::string* value = member->as_string()) {
      out = *value;
    } else {
      must_be(key, "a string");
    }
  }

  void flag(std::string_view key, bool& out) {
    const Value* member = find(key);
    if (member == nullptr) return;
    if (const bool* value = member->as_bool()) {
      out = *value;
    } else {
      must_be(key, "true or false");
    }
  }

  void number(std::string_view key, double& out) {
    const Value* member = find(key);
    if (member == nullptr) return;
    if (const std::int64_t* integer = member->as_int()) {
      out = static_cast<double>(*integer);
    } else if (const double* value = member->as_double()) {
      out = *value;
    } else {
      must_be(key, "a number");
    }
    if (!std::isfinite(out) || out < 0) must_be(key, "a finite number of 0 or more");
  }

  // Python's json writes 2.0 for a count that is a float; a fraction is refused. Beyond 9e15 (about
  // 2^53) a double cannot hold every integer.
  void count(std::string_view key, std::int64_t& out) {
    const Value* member = find(key);
    if (member == nullptr) return;
    const double* value = member->as_double();
    if (const std::int64_t* integer = member->as_int()) {
      out = *integer;
    } else if (value && std::nearbyint(*value) == *value && std::fabs(*value) < 9e15) {
      out = static_cast<std::int64_t>(*value);
    } else {
      must_be(key, "a whole number");
    }
    if (out < 0) must_be(key, "a count of 0 or more");
  }

 private:
  const Value* find(std::string_view key) {
    known_.emplace_back(key);
    return section_ ? section_->find(key) : nullptr;
  }

  // Another system writes null for a section that it knows nothing about.
  void require_object() {
    if (section_ == nullptr) return;
    if (section_->as_object()) return refuse_duplicates();
    if (!section_->is_null()) must_be("", "an object");
    section_ = nullptr;
  }

  // If a name is given twice, nothing tells which value was meant.
  void refuse_duplicates() {
    if (const auto name = section_->repeated_name()) {
      refuse(*name, "is given more than once; keep one");
    }
  }

  void must_be(std::string_view key, std::string_view wanted) {
    refuse(key, "must be " + std::string(wanted));
  }

  const Value* section_;
  std::string path_;
  std::vector<std::string> known_;  ///< The names that were asked for.
  std::optional<Error>& error_;
};

std::string text_of(const Value& object, std::string_view key) {
  const Value* member = object.find(key);
  const std::string* text = member ? member->as_string() : nullptr;
  return text ? *text : std::string();
}

void add_problem(const Value& entry, std::string name, std::vector<ComponentProblem>& problems) {
  if (!entry.as_object()) return;
  ComponentProblem problem{std::move(name), text_of(entry, "status"), text_of(entry, "message")};
  // The checks of the old system call a failed component unhealthy.
  if (problem.status == "unhealthy") problem.status = "failed";
  if (severity_rank(problem.status) == kHealthyRank || problem.name.empty()) return;
  problems.push_back(std::move(problem));
}

// Problems are only shown to people and decide nothing, so entries of another shape are ignored.
std::vector<ComponentProblem> read_problems(const Value& document) {
  std::vector<ComponentProblem> problems;
  const Value* system = document.find("system");
  const Value* own = system ? system->find("problems") : nullptr;
  if (const Value::Array* list = own ? own->as_array() : nullptr) {
    for (const Value& entry : *list) add_problem(entry, text_of(entry, "name"), problems);
  } else if (const Value* components = document.find("components")) {
    if (const Value::Object* members = components->as_object()) {
      for (const auto& [name, entry] : *members) add_problem(entry, std::string(name), problems);
    }
  }
  sort_problems(problems);
  return problems;
}

// Rules may ask for them, so that one which cannot be read must not pass for one that is unknown.
std::vector<CheckResult> read_checks(SectionReader& document, const Value& value) {
  std::vector<CheckResult> checks;
  SectionReader section(document, "health_checks");
  if (!section.present()) return checks;
  for (const auto& [name, entry] : *value.find("health_checks")->as_object()) {
    CheckResult check;
    check.name = name;
    SectionReader one(section, name);
    std::string status = "unknown";
    if (one.present() && !one.word("status", kStatusWords, status)) {
      one.refuse("status", "is missing; give " + join_or(kStatusWords));
    }
    check.status = parse_health_status(status).value_or(HealthStatus::unknown);
    checks.push_back(std::move(check));
  }
  return checks;
}

// Of the status and the measurements systems tell more, and of more parts, in names that are near.
void read_resources(SectionReader& document, HealthState::Resources& out) {
  SectionReader resources(document, "resources");
  resources.flag("available", out.available);
  const bool flat = resources.word("overall", kResourceWords, out.overall);
  SectionReader status(resources, "status");
  status.word("cpu", kResourceWords, out.cpu);
  status.word("memory", kResourceWords, out.memory);
  status.word("disk", kResourceWords, out.disk);
  const bool nested = status.word("overall", kResourceWords, out.overall);
  if (!flat && !nested) out.overall = worst_part(out);
  SectionReader metrics(resources, "current_metrics");
  metrics.number("cpu_percent", out.cpu_percent);
  metrics.number("memory_percent", out.memory_percent);
  metrics.number("disk_percent", out.disk_percent);
  double pressure = 0;
  metrics.number("cpu_pressure_percent", pressure);
  if (metrics.has("cpu_pressure_percent")) out.cpu_pressure_percent = pressure;
  resources.refuse_misspelt();
}

// The mode follows the counts, so a status that none of them bears out would decide nothing.
void require_counts(SectionReader& system, const HealthState::System& read) {
  const bool any = system.has("failed_components") || system.has("degraded_components") ||
                   system.has("unknown_components") || system.has("total_components");
  const bool borne_out = any && (read.status != "failed" || read.failed_components > 0);
  if (!system.has("status") || read.status == "healthy" || borne_out) return;
  system.refuse("status", "is '" + read.status +
                              "', but no count of components says so; give failed_components, "
                              "degraded_components or unknown_components");
}

Value measurements_of(const HealthState::Resources& resources) {
  Value measured = Value::object({{"cpu_percent", resources.cpu_percent},
                                  {"memory_percent", resources.memory_percent},
                                  {"disk_percent", resources.disk_percent}});
  if (resources.cpu_pressure_percent) {
    measured.set("cpu_pressure_percent", *resources.cpu_pressure_percent);
  }
  return measured;
}

}  // namespace

std::string worst_part(const HealthState::Resources& resources) {
  const auto rank = [](const std::string* part) {
    return std::find(std::begin(kResourceWords), std::end(kResourceWords), *part);
  };
  return *std::max({&resources.cpu, &resources.memory, &resources.disk},
                   [rank](auto* a, auto* b) { return rank(a) < rank(b); });
}

void sort_problems(std::vector<ComponentProblem>& problems) {
  std::stable_sort(problems.begin(), problems.end(),
                   [](const ComponentProblem& a, const ComponentProblem& b) {
                     return severity_rank(a.status) < severity_rank(b.status);
                   });
}

Value to_value(const CheckResult& check) {
  Value value = Value::object({{"name", check.name},
                               {"type", check.type},
                               {"status", to_string(check.status)},
                               {"message", check.message},
                               {"latency_ms", check.latency_ms},
                               {"timestamp", format_timestamp(check.timestamp)},
                               {"metadata", check.metadata}});
  if (check.skipped) value.set("skipped", true);
  if (!check.uncounted.empty()) value.set("uncounted", check.uncounted);
  return value;
}

Value to_value(const ComponentHealth& component) {
  Value value = Value::object({{"name", component.name},
                               {"status", component.status},
                               {"message", component.message},
                               {"last_updated", format_timestamp(component.last_updated)},
                               {"error_count", component.error_count},
                               {"warning_count", component.warning_count},
                               {"last_error", component.last_error},
                               {"fallback_active", component.fallback_active},
                               {"metadata", component.metadata}});
  if (component.missed_count > 0) value.set("missed_count", component.missed_count);
  if (component.running) value.set("running", health::to_stored(*component.running));
  if (component.last_run) value.set("last_run", health::to_stored(*component.last_run));
  return value;
}

Value to_value(const HealthState& state) {
  const auto& system = state.system;
  const auto& breaker = state.circuit_breaker;
  const auto& resources = state.resources;
  Value value = Value::object(
      {{"timestamp", format_timestamp(state.timestamp)},
       {"system", Value::object({{"status", system.status},
                                 {"healthy_components", system.healthy_components},
                                 {"degraded_components", system.degraded_components},
                                 {"failed_components", system.failed_components},
                                 {"total_components", system.total_components},
                                 {"unknown_components", system.unknown_components},
                                 {"problems", problems_value(system.problems)}})},
       {"circuit_breaker", Value::object({{"available", breaker.available},
                                          {"state", breaker.state},
                                          {"open_duration_seconds", breaker.open_duration_seconds},
                                          {"failures_total", breaker.failures_total},
                                          {"successes_total", breaker.successes_total},
                                          {"trips_total", breaker.trips_total},
                                          {"consecutive_failures", breaker.consecutive_failures}})},
       {"retry", Value::object({{"state", state.retry.state},
                                {"failures_1h", state.retry.failures_1h},
                                {"failure_rate", state.retry.failure_rate},
                                {"total_attempts", state.retry.total_attempts}})},
       {"resources", Value::object({{"status", Value::object({{"cpu", resources.cpu},
                                                              {"memory", resources.memory},
                                                              {"disk", resources.disk},
                                                              {"overall", resources.overall}})},
                                    {"current_metrics", measurements_of(resources)},
                                    {"available", resources.available}})},
       {"fallback", Value::object({{"mode", state.fallback.mode},
                                   {"cascade_log", state.fallback.cascade_log}})},
       {"components", members_by_name(state.components)},
       {"health_checks", members_by_name(state.health_checks)},
       {"uptime_seconds", state.uptime_seconds}});
  if (!state.void_because.empty()) value.set("void", state.void_because);
  return value;
}

Result<HealthState> health_state_from(const Value& value, std::string_view source) {
  const std::string where(source);
  if (!value.as_object()) {
    return fail(ErrorCode::parse,
                std::string("expected a health state, which is an object, but this is of type ") +
                    value.type_name(),
                where);
  }
  HealthState state;
  std::optional<Error> error;
  SectionReader document(value, error);
  SectionReader system(document, "system");
  system.word("status", kSystemWords, state.system.status);
  system.count("healthy_components", state.system.healthy_components);
  system.count("degraded_components", state.system.degraded_components);
  system.count("failed_components", state.system.failed_components);
  system.count("total_components", state.system.total_components);
  system.count("unknown_components", state.system.unknown_components);
  system.refuse_misspelt();
  require_counts(system, state.system);
  state.system.problems = read_problems(value);

  SectionReader breaker(document, "circuit_breaker");
  breaker.flag("available", state.circuit_breaker.available);
  breaker.word("state", kCircuitWords, state.circuit_breaker.state);
  breaker.number("open_duration_seconds", state.circuit_breaker.open_duration_seconds);
  breaker.count("failures_total", state.circuit_breaker.failures_total);
  breaker.count("successes_total", state.circuit_breaker.successes_total);
  breaker.count("trips_total", state.circuit_breaker.trips_total);
  breaker.count("consecutive_failures", state.circuit_breaker.consecutive_failures);
  breaker.refuse_misspelt();

  // Other systems count over other times, too, in names that are near.
  SectionReader retry(document, "retry");
  retry.word("state", kRetryWords, state.retry.state);
  retry.count("failures_1h", state.retry.failures_1h);
  retry.number("failure_rate", state.retry.failure_rate);
  retry.count("total_attempts", state.retry.total_attempts);

  read_resources(document, state.resources);
  state.health_checks = read_checks(document, value);
  document.number("uptime_seconds", state.uptime_seconds);
  document.text("void", state.void_because);
  document.know({"timestamp", "fallback", "components"});
  document.refuse_misspelt();

  if (error) {
    return fail(error->code, error->message, where + ": " + printable(error->where));
  }
  const bool any = system.present() || breaker.present() || retry.present() ||
                   (value.find("resources") && value.find("resources")->as_object());
  if (!any) {
    return fail(ErrorCode::parse,
                "not a health state: it has none of system, circuit_breaker, retry, resources",
                where);
  }
  return state;
}

}  // namespace rz
