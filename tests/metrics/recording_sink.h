#pragma once

#include <string>
#include <vector>

#include "rz/base/text.h"
#include "rz/base/timestamp.h"
#include "rz/metrics/metrics_sink.h"

namespace rz::metrics {

/// Writes down what it is given, as `gauge name=1 {key=value} @time`, and flushes as it is told.
class RecordingSink final : public MetricsSink {
 public:
  explicit RecordingSink(std::vector<std::string>& calls, Result<void> flushed = {})
      : calls_(calls), flushed_(std::move(flushed)) {}

  void emit(std::string_view name, double value, const MetricTags& tags,
            std::optional<TimePoint> timestamp) override {
    record("gauge", name, value, tags);
    if (timestamp) calls_.back() += " @" + format_timestamp(*timestamp);
  }
  void emit_counter(std::string_view name, double value, const MetricTags& tags) override {
    record("counter", name, value, tags);
  }
  void emit_total(std::string_view name, double total, double added,
                  const MetricTags& tags) override {
    record("total", name, total, tags);
    calls_.back() += " +" + format_double(added);
  }
  void emit_histogram(std::string_view name, double value, const MetricTags& tags) override {
    record("histogram", name, value, tags);
  }
  Result<void> flush_by(Deadline) override {
    calls_.push_back("flush");
    return flushed_;
  }

 private:
  void record(const char* kind, std::string_view name, double value, const MetricTags& tags) {
    std::string call = std::string(kind) + " " + std::string(name) + "=" + format_double(value);
    for (const auto& [key, text] : tags) call += " {" + key + "=" + text + "}";
    calls_.push_back(std::move(call));
  }

  std::vector<std::string>& calls_;
  Result<void> flushed_;
};

}  // namespace rz::metrics
