// A sink of your own, in a program of your own: what rz measures, a line each, on standard output.
//
//   c++ -std=c++20 line_sink.cc -o line_sink $(pkg-config --cflags --libs rz)
//   ./line_sink
//
// A test builds it against what is installed, and runs it (tests/scripts/install).
#include <iostream>
#include <memory>
#include <mutex>
#include <sstream>
#include <string>

#include "rz/health/health_monitor.h"

namespace {

/// Keeps the lines, and writes them when it is flushed: emitting must neither wait nor fail, since
/// a decision may wait for it. Thread-safe, as every sink must be.
class LineSink final : public rz::MetricsSink {
 public:
  void emit(std::string_view name, double value, const rz::MetricTags& tags,
            std::optional<rz::TimePoint>) override {
    add("gauge", name, value, tags);
  }
  void emit_counter(std::string_view name, double value, const rz::MetricTags& tags) override {
    add("counter", name, value, tags);
  }
  void emit_histogram(std::string_view name, double value, const rz::MetricTags& tags) override {
    add("histogram", name, value, tags);
  }

  rz::Result<void> flush_by(rz::Deadline) override {
    const std::lock_guard lock(mutex_);
    std::cout << lines_.str() << std::flush;
    lines_.str("");
    if (std::cout) return {};
    return tl::unexpected(rz::Error{rz::ErrorCode::unavailable, "standard output is closed", ""});
  }

 private:
  // Names and tags may hold any bytes: each sink writes them as its format allows.
  static std::string quoted(std::string_view text) {
    std::string out = "\"";
    for (const char c : text) {
      const bool plain = c >= ' ' && c != '"' && c != '\\' && c != '\x7f';
      out += plain ? c : '?';
    }
    return out + "\"";
  }

  void add(std::string_view kind, std::string_view name, double value, const rz::MetricTags& tags) {
    const std::lock_guard lock(mutex_);
    lines_ << kind << " " << quoted(name) << " " << value;
    for (const auto& [tag, text] : tags) lines_ << " " << quoted(tag) << "=" << quoted(text);
    lines_ << "\n";
  }

  std::mutex mutex_;
  std::ostringstream lines_;
};

/// Something to measure.
class OddCheck final : public rz::HealthCheck {
 public:
  const std::string& name() const override { return name_; }
  std::string_view type() const override { return "odd"; }
  rz::Millis timeout() const override { return rz::Millis{1'000}; }
  rz::CheckResult check() override {
    rz::CheckResult result;
    result.status = rz::HealthStatus::degraded;
    result.message = "odd";
    return result;
  }

 private:
  std::string name_ = "an \"odd\"\nname";
};

}  // namespace

int main() {
  LineSink sink;
  rz::HealthMonitor monitor({}, rz::SystemClock::instance(), &sink);
  monitor.register_check(std::make_shared<OddCheck>());
  if (const auto report = monitor.run_checks(); !report) {
    std::cerr << "line_sink: " << to_string(report.error()) << "\n";
    return 3;
  }
  if (const auto sent = sink.flush(); !sent) {
    std::cerr << "line_sink: " << to_string(sent.error()) << "\n";
    return 3;
  }
}
