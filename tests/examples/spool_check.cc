// A check of your own, in a program of your own: how many files wait in a folder.
//
//   c++ -std=c++20 spool_check.cc -o spool_check $(pkg-config --cflags --libs rz)
//   ./spool_check /var/spool/mail-out 100
//
// It prints what it found, and its exit code is the status as Nagios reads it. A test builds it
// against what is installed, and runs it (tests/scripts/install).
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <memory>
#include <string>
#include <system_error>
#include <utility>

#include "rz/health/health_monitor.h"

namespace {

/// Healthy while fewer files wait than the limit; degraded from there on, and unhealthy from ten
/// times as many on. Unknown if the folder cannot be read: that is never a yes.
class SpoolCheck final : public rz::HealthCheck {
 public:
  SpoolCheck(std::string folder, std::int64_t limit) : folder_(std::move(folder)), limit_(limit) {}

  const std::string& name() const override { return name_; }
  std::string_view type() const override { return "spool"; }
  /// The runner reports a timeout in place of a check that takes longer.
  rz::Millis timeout() const override { return rz::Millis{2'000}; }

  rz::CheckResult check() override {
    rz::CheckResult result;
    std::error_code error;
    std::int64_t waiting = 0;
    std::filesystem::directory_iterator files(folder_, error);
    for (; !error && files != std::filesystem::directory_iterator(); files.increment(error)) {
      ++waiting;
    }
    if (error) {
      result.status = rz::HealthStatus::unknown;
      result.message = folder_ + ": " + error.message();
      return result;
    }
    // What was measured, by name: reports show it, and sinks may send it.
    result.metadata.set("waiting", rz::Value(waiting));
    result.message = std::to_string(waiting) + " files wait";
    result.status = waiting >= 10 * limit_ ? rz::HealthStatus::unhealthy
                    : waiting >= limit_    ? rz::HealthStatus::degraded
                                           : rz::HealthStatus::healthy;
    if (waiting >= limit_) result.message += ", limit " + std::to_string(limit_);
    return result;
  }

 private:
  std::string name_ = "mail-out";
  std::string folder_;
  std::int64_t limit_;
};

}  // namespace

int main(int count, char** arguments) {
  constexpr int kCouldNotTell = 3;
  if (count != 3 || std::atoll(arguments[2]) <= 0) {
    std::cerr << "usage: spool_check FOLDER LIMIT\n";
    return kCouldNotTell;
  }
  rz::HealthMonitor monitor({}, rz::SystemClock::instance());
  // What every check can have, whatever its type: a second try before a bad result counts.
  rz::CheckOptions options;
  options.retries = 1;
  options.retry_delay = rz::Millis{10};
  monitor.register_check(std::make_shared<SpoolCheck>(arguments[1], std::atoll(arguments[2])),
                         options);
  const rz::Result<rz::CheckReport> report = monitor.run_checks();
  if (!report) {
    std::cerr << "spool_check: " << to_string(report.error()) << "\n";
    return kCouldNotTell;
  }
  for (const rz::CheckResult& result : report->results) {
    std::cout << result.name << " " << to_string(result.status) << ": " << result.message << "\n";
  }
  return static_cast<int>(report->status());  // 0 healthy, 1 degraded, 2 unhealthy, 3 unknown.
}
