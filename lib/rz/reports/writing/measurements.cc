#include "rz/reports/writing/measurements.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <string_view>
#include <utility>

#include "rz/base/text.h"
#include "rz/health/judging/measured_limits.h"

namespace rz::reports {
namespace {

// A check whose metadata is a large document must not fill the report with it.
constexpr std::size_t kMaxMeasurements = 50;
constexpr int kMaxDepth = 3;

struct UnitSuffix {
  std::string_view suffix;
  std::string_view unit;
  double factor;
};
constexpr UnitSuffix kUnitSuffixes[] = {{"_percent", "%", 1},
                                        {"_bytes", "B", 1},
                                        {"_ms", "s", 0.001},
                                        {"_seconds", "s", 1},
                                        {"_s", "s", 1}};

std::optional<double> number_of(const Value& value) {
  if (const auto* integer = value.as_int()) return static_cast<double>(*integer);
  if (const auto* number = value.as_double(); number && std::isfinite(*number)) return *number;
  return std::nullopt;
}

// Settings, and what rz itself adds, are no measurements.
bool is_measured(std::string_view name) {
  return name != "warning" && name != "critical" && name != "attempts" &&
         !name.starts_with("expected_");
}

/// A limit as perfdata may have it; empty if it is something else.
std::string limit_of(const Value* value) {
  if (value == nullptr) return {};
  if (const auto number = number_of(*value)) return plain_number(*number);
  const std::string* range = value->as_string();
  if (range == nullptr || range->find_first_not_of("-0123456789.:~@") != std::string::npos)
    return {};
  return *range;
}

/// A range whose numbers are multiplied by `factor`: `100:500` as `0.1:0.5`.
std::string scaled(const std::string& range, double factor) {
  if (factor == 1) return range;
  std::string text;
  for (std::size_t i = 0; i < range.size();) {
    const std::size_t end = std::min(range.find_first_of(":~@", i), range.size());
    if (const auto number = parse_double(range.substr(i, end - i)))
      text += plain_number(*number * factor);
    if (end < range.size()) text += range[end];
    i = end + 1;
  }
  return text;
}

/// Those that perfdata knows; any other is left out, as a reader would refuse it.
std::string unit_of_plugin(const Value* value) {
  static constexpr std::string_view kPluginUnits[] = {"s",  "us", "ms", "%", "B",
                                                      "KB", "MB", "TB", "c"};
  const std::string* unit = value != nullptr ? value->as_string() : nullptr;
  const bool known = unit != nullptr && std::find(std::begin(kPluginUnits), std::end(kPluginUnits),
                                                  *unit) != std::end(kPluginUnits);
  return known ? *unit : std::string();
}

class MeasurementReader {
 public:
  explicit MeasurementReader(const Value& metadata) : limits_(metadata.find(health::kLimitsKey)) {}

  void read(const Value& object, const std::string& path, int depth) {
    for (const auto& [key, value] : *object.as_object()) {
      if (depth == 0 && key == health::kLimitsKey) continue;
      if (found.size() >= kMaxMeasurements) return;
      const std::string name = path + key;
      if (const auto number = number_of(value); number && is_measured(key)) {
        add(name, *number);
      } else if (value.as_object() == nullptr) {
        continue;
      } else if (const Value* of_plugin = value.find("value")) {
        found.push_back({key, number_of(*of_plugin), unit_of_plugin(value.find("unit")),
                         limit_of(value.find("warning")), limit_of(value.find("critical")),
                         limit_of(value.find("min")), limit_of(value.find("max"))});
      } else if (depth < kMaxDepth) {
        read(value, name + ".", depth + 1);
      }
    }
  }

  std::vector<Measurement> found;

  /// The limits that the check says of its measurement `name`, in units of `factor`.
  void add_limits(std::string_view name, double factor, Measurement& measured) const {
    const Value* own = limits_ != nullptr ? limits_->find(name) : nullptr;
    if (own == nullptr) return;
    measured.warning = scaled(limit_of(own->find("warning")), factor);
    measured.critical = scaled(limit_of(own->find("critical")), factor);
  }

 private:
  void add(const std::string& name, double value) {
    for (const UnitSuffix& one : kUnitSuffixes) {
      if (name.size() <= one.suffix.size() || !name.ends_with(one.suffix)) continue;
      Measurement measured{name.substr(0, name.size() - one.suffix.size()), value * one.factor,
                           std::string(one.unit)};
      add_limits(name, one.factor, measured);
      found.push_back(std::move(measured));
      return;
    }
    Measurement measured{name, value};
    add_limits(name, 1, measured);
    found.push_back(std::move(measured));
  }

  const Value* limits_;
};

}  // namespace

std::string plain_number(double value) {
  if (!std::isfinite(value)) return "U";
  std::string text = fmt::format("{:.6f}", value);
  const bool lost = value != 0 && text.find_first_of("123456789") == std::string::npos;
  if (lost) {
    std::array<char, 400> buffer{};
    const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value,
                                   std::chars_format::fixed);
    return end.ec == std::errc() ? std::string(buffer.data(), end.ptr) : "0";
  }
  text.erase(text.find_last_not_of('0') + 1);
  if (text.ends_with('.')) text.pop_back();
  return text == "-0" ? "0" : text;
}

std::vector<Measurement> measurements_of(const CheckResult& result) {
  MeasurementReader reader(result.metadata);
  if (!result.skipped) {
    reader.found.push_back(
        {.name = "latency", .value = result.latency_ms / 1000, .unit = "s", .min = "0"});
    reader.add_limits("latency_ms", 0.001, reader.found.back());
  }
  if (result.metadata.as_object() != nullptr) reader.read(result.metadata, {}, 0);
  return std::move(reader.found);
}

}  // namespace rz::reports
