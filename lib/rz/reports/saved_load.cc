#include "rz/reports/saved_load.h"

#include <array>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <limits>
#include <numeric>
#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

#include "rz/base/text.h"

namespace rz::reports {
namespace {

using bench::Histogram;
using std::chrono::nanoseconds;

constexpr std::uint64_t kMostCount = std::uint64_t{1} << 53;
constexpr std::size_t kMostItems = 200'000;  // A day has half as many seconds.

template <class Archive>
void visit(Archive& archive, bench::ThresholdOutcome& outcome);
template <class Archive>
void visit(Archive& archive, LoadSearchStep& step);
template <class Archive>
void visit(Archive& archive, bench::EndpointResult& endpoint);
template <class Archive>
void visit(Archive& archive, bench::LoadSecond& second);
template <class Archive>
void visit(Archive& archive, LoadSearch& search);

/// Writes members into an object. A twin of Loader, so that what is kept stands once, in visit().
class Saver {
 public:
  template <class T>
  void field(const char* key, T& member) {
    object_.set(key, value_of(member));
  }
  Value finish() { return std::move(object_); }

 private:
  static Value value_of(bool flag) { return flag; }
  static Value value_of(int number) { return number; }
  static Value value_of(double number) { return std::isinf(number) ? Value("inf") : Value(number); }
  static Value value_of(std::uint64_t count) { return static_cast<std::int64_t>(count); }
  static Value value_of(nanoseconds time) { return time.count(); }
  static Value value_of(std::string text) { return text; }
  static Value value_of(Value any) { return any; }
  static Value value_of(Histogram& histogram) {
    const Histogram::Parts parts = histogram.parts();
    Value buckets = Value::array();
    for (const auto& [number, count] : parts.buckets) {
      buckets.push_back(Value::array({value_of(number), value_of(count)}));
    }
    return Value::object({{"min", value_of(parts.min)},
                          {"max", value_of(parts.max)},
                          {"sum", parts.sum},
                          {"squares", parts.squares},
                          {"buckets", std::move(buckets)}});
  }
  template <class T>
  static Value value_of(std::optional<T>& member) {
    return member ? value_of(*member) : Value();
  }
  template <class T, std::size_t n>
  static Value value_of(std::array<T, n>& members) {
    Value list = Value::array();
    for (T& one : members) list.push_back(value_of(one));
    return list;
  }
  template <class T>
  static Value value_of(std::vector<T>& members) {
    Value list = Value::array();
    for (T& one : members) list.push_back(value_of(one));
    return list;
  }
  template <class T>
  requires std::is_class_v<T>
  static Value value_of(T& member) {
    Saver saver;
    visit(saver, member);
    return saver.finish();
  }

  Value object_ = Value::object();
};

/// Reads members of an object. The first that is not as it must be is the error; the others are
/// then left as they are.
class Loader {
 public:
  Loader(const Value& object, std::string place, std::optional<Error>& error)
      : object_(object), place_(std::move(place)), error_(error) {}

  template <class T>
  void field(const char* key, T& member) {
    const Value* value = object_.find(key);
    const std::string place = place_.empty() ? key : place_ + "." + key;
    if (value == nullptr) return refuse(place, "is missing");
    read(*value, place, member);
  }

 private:
  void refuse(const std::string& place, const std::string& why) {
    if (!error_) error_ = Error{ErrorCode::corrupt, why, place};
  }
  void expected(const std::string& place, const std::string& what, const Value& value) {
    refuse(place, "expected " + what + ", got " + ellipsize(printable(shown(value)), 40));
  }
  static std::string shown(const Value& value) {
    if (const auto* text = value.as_string()) return "'" + *text + "'";
    if (const auto* number = value.as_int()) return std::to_string(*number);
    if (const auto* number = value.as_double()) return format_double(*number);
    return value.type_name();
  }

  void read(const Value& value, const std::string& place, bool& into) {
    const bool* flag = value.as_bool();
    if (flag == nullptr) return expected(place, "true or false", value);
    into = *flag;
  }
  void read(const Value& value, const std::string& place, std::uint64_t& into) {
    const std::int64_t* count = value.as_int();
    if (count == nullptr || *count < 0 || static_cast<std::uint64_t>(*count) > kMostCount) {
      return expected(place, "a count", value);
    }
    into = static_cast<std::uint64_t>(*count);
  }
  void read(const Value& value, const std::string& place, int& into) {
    std::uint64_t count = 0;
    read(value, place, count);
    if (count > 1'000'000) return expected(place, "a number up to a million", value);
    into = static_cast<int>(count);
  }
  void read(const Value& value, const std::string& place, double& into) {
    if (const auto* text = value.as_string(); text != nullptr && *text == "inf") {
      into = std::numeric_limits<double>::infinity();
      return;
    }
    const std::int64_t* whole = value.as_int();
    const double* number = value.as_double();
    if (whole == nullptr && number == nullptr) return expected(place, "a number", value);
    into = whole != nullptr ? static_cast<double>(*whole) : *number;
    if (into < 0) expected(place, "a number from 0 on", value);
  }
  void read(const Value& value, const std::string& place, nanoseconds& into) {
    std::uint64_t count = 0;
    read(value, place, count);
    into = nanoseconds{static_cast<std::int64_t>(count)};
  }
  void read(const Value& value, const std::string& place, std::string& into) {
    const std::string* text = value.as_string();
    if (text == nullptr) return expected(place, "a text", value);
    into = *text;
  }
  void read(const Value& value, const std::string& place, Value& into) {
    if (value.as_object() == nullptr) return expected(place, "an object", value);
    into = value;
  }
  void read(const Value& value, const std::string& place, Histogram& into) {
    if (value.as_object() == nullptr) return expected(place, "an object", value);
    Loader members(value, place, error_);
    Histogram::Parts parts;
    members.field("min", parts.min);
    members.field("max", parts.max);
    members.field("sum", parts.sum);
    members.field("squares", parts.squares);
    std::vector<std::array<std::uint64_t, 2>> buckets;
    members.field("buckets", buckets);
    for (const auto& [number, count] : buckets) parts.buckets.emplace_back(number, count);
    auto restored = Histogram::restored(parts);
    if (!restored) return refuse(place, restored.error().message);
    into = *std::move(restored);
  }
  template <class T>
  void read(const Value& value, const std::string& place, std::optional<T>& into) {
    if (value.is_null()) return;
    into.emplace();
    read(value, place, *into);
  }
  template <class T, std::size_t n>
  void read(const Value& value, const std::string& place, std::array<T, n>& into) {
    const auto* list = value.as_array();
    if (list == nullptr || list->size() != n) {
      return expected(place, "a list of " + std::to_string(n), value);
    }
    for (std::size_t i = 0; i < n; ++i) read((*list)[i], item(place, i), into[i]);
  }
  template <class T>
  void read(const Value& value, const std::string& place, std::vector<T>& into) {
    const auto* list = value.as_array();
    if (list == nullptr || list->size() > kMostItems) return expected(place, "a list", value);
    into.resize(list->size());
    for (std::size_t i = 0; i < list->size() && !error_; ++i) {
      read((*list)[i], item(place, i), into[i]);
    }
  }
  template <class T>
  requires std::is_class_v<T>
  void read(const Value& value, const std::string& place, T& into) {
    if (value.as_object() == nullptr) return expected(place, "an object", value);
    Loader members(value, place, error_);
    visit(members, into);
  }
  static std::string item(const std::string& place, std::size_t index) {
    return place + "[" + std::to_string(index) + "]";
  }

  const Value& object_;
  std::string place_;
  std::optional<Error>& error_;
};

// ---- What is kept

template <class Archive>
void visit(Archive& archive, bench::ThresholdOutcome& outcome) {
  archive.field("threshold", outcome.threshold.text);
  archive.field("value", outcome.value);
}

template <class Archive>
void visit(Archive& archive, LoadSearchStep& step) {
  archive.field("rate", step.rate);
  archive.field("met", step.met);
  archive.field("late", step.late);
  archive.field("percentiles", step.percentiles);
  archive.field("goals", step.goals);
}

template <class Archive>
void visit(Archive& archive, LoadSearch& search) {
  archive.field("steps", search.steps);
  archive.field("best", search.best);
  archive.field("bounded", search.bounded);
}

template <class Archive>
void visit(Archive& archive, bench::EndpointResult& endpoint) {
  archive.field("name", endpoint.name);
  archive.field("answered", endpoint.answered);
  archive.field("failed", endpoint.failed);
  archive.field("latency", endpoint.latency);
}

template <class Archive>
void visit(Archive& archive, bench::LoadSecond& second) {
  archive.field("answered", second.answered);
  archive.field("failed", second.failed);
  archive.field("median", second.median);
  archive.field("p99", second.p99);
  archive.field("longest", second.longest);
}

template <class Archive>
void visit_options(Archive& archive, bench::LoadOptions& options) {
  archive.field("url", options.url);
  archive.field("connections", options.connections);
  archive.field("streams", options.streams);
  archive.field("rate", options.rate);
  archive.field("end_rate", options.end_rate);
  archive.field("keep_alive", options.keep_alive);
  archive.field("http2", options.http2);
  bool is_poisson = options.arrivals == bench::Arrivals::poisson;
  archive.field("poisson", is_poisson);
  options.arrivals = is_poisson ? bench::Arrivals::poisson : bench::Arrivals::constant;
}

template <class Archive>
void visit_result(Archive& archive, bench::LoadResult& result) {
  archive.field("open_loop", result.open_loop);
  archive.field("interrupted", result.interrupted);
  archive.field("elapsed", result.elapsed);
  archive.field("sending", result.sending);
  archive.field("answered", result.answered);
  archive.field("statuses", result.statuses);
  archive.field("errors", result.errors);
  archive.field("queued", result.queued);
  archive.field("dropped", result.dropped);
  archive.field("abandoned", result.abandoned);
  archive.field("warm_up", result.warm_up);
  archive.field("bytes", result.bytes);
  archive.field("connections_made", result.connections);
  archive.field("stray_answers", result.stray_answers);
  archive.field("processor", result.processor);
  archive.field("processor_share", result.processor_share);
  archive.field("latency", result.latency);
  archive.field("first_byte", result.first_byte);
  archive.field("connect", result.connect);
  archive.field("tls", result.tls);
  archive.field("lateness", result.lateness);
  archive.field("endpoints", result.endpoints);
  archive.field("seconds", result.seconds);
  archive.field("first_failure", result.first_failure);
}

template <class Archive>
void visit_report(Archive& archive, LoadReport& report) {
  visit_options(archive, report.options);
  visit_result(archive, report.result);
  archive.field("thresholds", report.thresholds);
  archive.field("search", report.search);
  archive.field("machine", report.machine);
}

/// A goal is kept as its text.
Result<void> parse_goals(std::vector<bench::ThresholdOutcome>& outcomes) {
  for (bench::ThresholdOutcome& outcome : outcomes) {
    auto threshold = bench::parse_threshold(outcome.threshold.text);
    if (!threshold) return fail(ErrorCode::corrupt, threshold.error().message, "threshold");
    outcome.threshold = *std::move(threshold);
  }
  return {};
}

Result<void> check_report(LoadReport& report) {
  const auto& statuses = report.result.statuses;
  if (std::accumulate(statuses.begin(), statuses.end(), std::uint64_t{0}) !=
      report.result.answered) {
    return fail(ErrorCode::corrupt, "the statuses are not as many as the answers", "statuses");
  }
  if (auto goals = parse_goals(report.thresholds); !goals) return goals;
  if (!report.search) return {};
  for (LoadSearchStep& step : report.search->steps) {
    if (auto goals = parse_goals(step.goals); !goals) return goals;
    if (!step.percentiles.empty() && step.percentiles.size() != std::size(kShownPercentiles)) {
      return fail(ErrorCode::corrupt, "a step of the search has other percentiles", "search");
    }
  }
  return {};
}

}  // namespace

Value to_stored(const LoadReport& report) {
  LoadReport kept = report;
  kept.options.url = report.url();
  Saver saver;
  std::string schema(kSavedLoadSchema);
  saver.field("schema", schema);
  visit_report(saver, kept);
  return saver.finish();
}

Result<LoadReport> load_report_from(const Value& document, const std::string& where) {
  LoadReport report;
  std::optional<Error> error;
  Loader loader(document, "", error);
  visit_report(loader, report);
  if (!error) {
    if (auto checked = check_report(report); !checked) error = checked.error();
  }
  if (!error) return report;
  return fail(error->code, error->message,
              error->where.empty() ? where : where + ": " + error->where);
}

}  // namespace rz::reports
