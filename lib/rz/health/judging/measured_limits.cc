#include "rz/health/judging/measured_limits.h"

#include <fmt/format.h>

#include <cmath>
#include <utility>

namespace rz::health {
namespace {

// A whole number stays one, so that bytes are not written with an exponent.
std::string plain(double number) {
  std::string text = fmt::format("{:.6f}", number);
  text.erase(text.find_last_not_of('0') + 1);
  if (text.ends_with('.')) text.pop_back();
  return text;
}

void set_limit(Value& metadata, std::string_view measure, std::string_view name, Value range) {
  const Value* known = metadata.find(kLimitsKey);
  Value limits = known != nullptr ? *known : Value::object();
  const Value* of_measure = limits.find(measure);
  Value own = of_measure != nullptr ? *of_measure : Value::object();
  own.set(std::string(name), std::move(range));
  limits.set(std::string(measure), std::move(own));
  metadata.set(std::string(kLimitsKey), std::move(limits));
}

}  // namespace

void set_range(Value& metadata, std::string_view measure, std::string_view limit,
               std::optional<double> least, std::optional<double> most) {
  if (least && most) {
    set_limit(metadata, measure, limit, plain(*least) + ":" + plain(*most));
  } else if (least) {
    set_limit(metadata, measure, limit, plain(*least) + ":");
  } else if (most) {
    set_limit(metadata, measure, limit, *most);
  }
}

void set_most(Value& metadata, std::string_view measure, std::optional<double> warning,
              std::optional<double> critical) {
  set_range(metadata, measure, "warning", std::nullopt, warning);
  set_range(metadata, measure, "critical", std::nullopt, critical);
}

void set_least(Value& metadata, std::string_view measure, std::optional<double> warning,
               std::optional<double> critical) {
  set_range(metadata, measure, "warning", warning, std::nullopt);
  set_range(metadata, measure, "critical", critical, std::nullopt);
}

void set_most(Value& metadata, std::string_view measure, const LatencyLimits& limits) {
  set_most(
      metadata, measure,
      limit_as_number(limits.warning ? std::optional(limits.warning->count()) : std::nullopt),
      limit_as_number(limits.critical ? std::optional(limits.critical->count()) : std::nullopt));
}

}  // namespace rz::health
