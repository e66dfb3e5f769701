#include "rz/metrics/logging_metrics_sink.h"

#include <algorithm>
#include <array>

#include "rz/base/field_visitor.h"
#include "rz/base/text.h"
#include "rz/base/timestamp.h"

namespace rz::metrics {
namespace {

constexpr std::array<Choice<MetricsLogLevel>, 4> kLevels = {{{"debug", MetricsLogLevel::debug},
                                                             {"info", MetricsLogLevel::info},
                                                             {"warning", MetricsLogLevel::warning},
                                                             {"error", MetricsLogLevel::error}}};

constexpr std::array<std::string_view, 5> kOwnKeys = {"metric", "kind", "value", "added",
                                                      "timestamp"};

std::string key_of(std::string_view tag) {
  std::string key;
  for (const char c : tag) {
    const bool plain = is_alpha(c) || is_digit(c) || c == '_' || c == '-' || c == '.';
    key += plain ? c : '_';
  }
  const bool taken = std::find(kOwnKeys.begin(), kOwnKeys.end(), key) != kOwnKeys.end();
  if (taken || key.empty()) key += '_';
  return key;
}

void append_pair(std::string& line, std::string_view key, std::string_view value) {
  if (!line.empty()) line += ' ';
  line.append(key).append("=");
  const bool bare = !value.empty() && std::none_of(value.begin(), value.end(), [](char c) {
    return is_space(c) || c == '"' || c == '=' || c == '\\';
  });
  if (bare) {
    line += printable(value);
    return;
  }
  // Quotes and backslashes first, so that the backslashes of printable() are not doubled.
  std::string escaped;
  for (const char c : value) {
    if (c == '"' || c == '\\') escaped += '\\';
    escaped += c;
  }
  line.append("\"").append(printable(escaped)).append("\"");
}

}  // namespace

void visit_fields(FieldVisitor& fields, LoggingOptions& options) {
  fields.choice({"level", "Of every line."}, options.level,
                std::span<const Choice<MetricsLogLevel>>(kLevels));
}

Result<std::unique_ptr<MetricsSink>> make_metrics_sink(const LoggingOptions& options,
                                                       const MetricsLog& log) {
  return std::make_unique<LoggingMetricsSink>(log, options.level);
}

void LoggingMetricsSink::emit(std::string_view name, double value, const MetricTags& tags,
                              std::optional<TimePoint> timestamp) {
  measurement("gauge", name, value, tags, timestamp);
}

void LoggingMetricsSink::emit_counter(std::string_view name, double value, const MetricTags& tags) {
  measurement("counter", name, value, tags, std::nullopt);
}

void LoggingMetricsSink::emit_total(std::string_view name, double total, double added,
                                    const MetricTags& tags) {
  std::string line;
  append_pair(line, "metric", name);
  append_pair(line, "kind", "counter");
  append_pair(line, "value", format_double(total));
  append_pair(line, "added", format_double(added));
  for (const auto& [key, text] : tags) append_pair(line, key_of(key), text);
  write(line);
}

void LoggingMetricsSink::emit_histogram(std::string_view name, double value,
                                        const MetricTags& tags) {
  measurement("histogram", name, value, tags, std::nullopt);
}

void LoggingMetricsSink::emit_health_check(std::string_view check, std::string_view status,
                                           double latency_ms, std::string_view) {
  std::string line;
  append_pair(line, "health_check", check);
  append_pair(line, "status", status);
  append_pair(line, "latency_ms", format_double(latency_ms));
  write(line);
}

void LoggingMetricsSink::emit_event(const MetricEvent& event) {
  std::string line;
  append_pair(line, "event", event.title);
  append_pair(line, "text", event.text);
  for (const auto& [key, text] : event.tags) append_pair(line, key_of(key), text);
  write(line);
}

void LoggingMetricsSink::measurement(std::string_view kind, std::string_view name, double value,
                                     const MetricTags& tags, std::optional<TimePoint> timestamp) {
  std::string line;
  append_pair(line, "metric", name);
  append_pair(line, "kind", kind);
  append_pair(line, "value", format_double(value));
  if (timestamp) append_pair(line, "timestamp", format_timestamp(*timestamp));
  for (const auto& [key, text] : tags) append_pair(line, key_of(key), text);
  write(line);
}

void LoggingMetricsSink::write(std::string_view line) {
  std::lock_guard lock(mutex_);
  log_(level_, line);
}

}  // namespace rz::metrics
