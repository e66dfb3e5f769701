#include "rz/suites/reports_suite.h"

#include <chrono>
#include <string>
#include <utility>

#include "rz/reports/cascade_answer.h"
#include "rz/reports/cond_reports.h"
#include "rz/reports/formats.h"
#include "rz/reports/history_report.h"
#include "rz/reports/load_report.h"
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

/// Writes `document` again and again.
template <class Document>
bench::Operation write_again(Document document, const std::string& format) {
  return bench::repeat([document = std::move(document), format]() -> Result<void> {
    CountingPage page;
    reports::write(document, format, page);
    bench::do_not_optimize(page.size());
    return {};
  });
}

/// `reports/NAME_FORMAT` for each format that has the document, which `make` makes.
template <class Document>
void add_formats(const std::string& name, Document (*make)(),
                 std::vector<bench::Benchmark>& suite) {
  for (const std::string_view format : reports::kNamesFor<Document>) {
    suite.push_back({"reports/" + name + "_" + std::string(format),
                     [make, format]() -> Result<bench::Operation> {
                       return write_again(make(), std::string(format));
                     }});
  }
}

/// A day with so many outages, of an hour at most.
constexpr int kOutages = 20;
constexpr TimePoint kDay{std::chrono::seconds{1'789'948'800}};

reports::StatsReport sample_stats() {
  reports::StatsReport stats;
  stats.zone_name = "UTC";
  history::Audit& audit = stats.audit;
  audit.window = {kDay, kDay + std::chrono::hours{24}};
  audit.informed = true;
  audit.records.records = 2 * kOutages;
  audit.transitions.total = 2 * kOutages;
  for (int i = 0; i < kOutages; ++i) {
    Transition transition;
    transition.timestamp = kDay + std::chrono::hours{i};
    transition.to = Mode::safe;
    transition.reason = "multiple_failures(2)";
    transition.host = "db1";
    transition.epoch = 2 * i + 1;
    audit.transitions.newest.push_back(transition);
    history::Episode episode;
    episode.begin = transition.timestamp;
    episode.end = episode.begin + std::chrono::minutes{30};
    episode.length = std::chrono::minutes{30};
    episode.ended = history::EpisodeEnd::recovered;
    audit.episodes.push_back(episode);
  }
  audit.episodes_total = kOutages;
  audit.longest_degraded = std::chrono::minutes{30};
  return stats;
}

reports::AuditReport sample_audit() { return {.stats = sample_stats()}; }

reports::CascadeAnswer sample_answer() {
  reports::CascadeAnswer answer;
  answer.store = "redis://db1:6379";
  answer.evaluation.after.mode = Mode::safe;
  answer.evaluation.after.reason = "multiple_failures(2)";
  answer.evaluation.after.since = kDay;
  return answer;
}

reports::CondAnswer sample_condition() { return {"failed > 2 and severity >= 0.8", true}; }

/// 100 seconds of several endpoints.
reports::LoadReport sample_load() {
  reports::LoadReport report;
  report.options.url = "http://127.0.0.1:8080/";
  bench::LoadResult& result = report.result;
  result.answered = 100'000;
  result.elapsed = result.sending = std::chrono::seconds{100};
  for (int i = 1; i <= 100'000; ++i) result.latency.record(std::chrono::microseconds{100 + i});
  result.statuses[2] = result.answered;
  for (int i = 0; i < 10; ++i) {
    result.endpoints.push_back({"GET /" + std::to_string(i), 10'000, 0, result.latency});
  }
  result.seconds.resize(100, {1'000, 0, std::chrono::milliseconds{1}});
  return report;
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
  add_formats("audit", sample_audit, suite);
  add_formats("stats", sample_stats, suite);
  add_formats("cascade", sample_answer, suite);
  add_formats("cond", sample_condition, suite);
  add_formats("load", sample_load, suite);
  return suite;
}

}  // namespace rz::suites
