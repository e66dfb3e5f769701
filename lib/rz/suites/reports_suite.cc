#include "rz/suites/reports_suite.h"

#include <chrono>
#include <string>

#include "rz/reports/formats.h"
#include "rz/reports/transitions.h"
#include "rz/suites/sample_health.h"

namespace rz::suites {
namespace {

constexpr std::int64_t kReportedChecks = 100;

/// Keeps nothing.
class CountingPage final : public reports::Page {
 public:
  void raw(std::string_view bytes) override { size_ += bytes.size(); }
  std::size_t size() const { return size_; }

 private:
  std::size_t size_ = 0;
};

Result<bench::Operation> set_up_health_report(std::string_view format) {
  return bench::repeat(
      [report = sample_report(kReportedChecks), format = std::string(format)]() -> Result<void> {
        CountingPage page;
        reports::write(report, format, page);
        bench::do_not_optimize(page.size());
        return {};
      });
}

/// An iteration is one record.
Result<bench::Operation> set_up_transitions(std::string_view format) {
  Transition transition;
  transition.timestamp = TimePoint{std::chrono::seconds{1'790'000'000}};
  transition.to = Mode::safe;
  transition.reason = "multiple_failures(2)";
  transition.trigger = trigger::kEvaluation;
  transition.actor = "rz";
  transition.host = "db1";
  transition.epoch = 17;
  return bench::Operation(
      [transition, format = std::string(format)](std::uint64_t iterations) -> Result<void> {
        CountingPage page;
        const auto list = reports::writer<reports::TransitionsWriter>(format)(page);
        for (std::uint64_t i = 0; i < iterations; ++i) list->add(transition);
        list->finish({});
        bench::do_not_optimize(page.size());
        return {};
      });
}

}  // namespace

std::vector<bench::Benchmark> reports_suite() {
  std::vector<bench::Benchmark> suite;
  for (const std::string_view format : reports::kNamesFor<reports::HealthReport>) {
    suite.push_back({"reports/health_" + std::string(format),
                     [format] { return set_up_health_report(format); }});
  }
  for (const std::string_view format : reports::kNamesFor<reports::TransitionsWriter>) {
    // The text is a table that may hold all rows back to measure their widths.
    if (format == reports::Text::kName) continue;
    suite.push_back({"reports/transitions_" + std::string(format),
                     [format] { return set_up_transitions(format); }});
  }
  return suite;
}

}  // namespace rz::suites
