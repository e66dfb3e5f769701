#include "rz/suites/cond_suite.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "rz/base/try.h"
#include "rz/cond/condition.h"
#include "rz/cond/filter/chunk_filter.h"

namespace rz::suites {
namespace {

constexpr std::string_view kCondition = "severity >= 0.8 and recurrence_count >= 2";

// Few enough that the columns, and the records, stay in the cache.
constexpr std::size_t kColumnRows = 4096;
constexpr std::size_t kFilterRecords = 1024;

Result<bench::Operation> set_up_parse() {
  return bench::repeat([]() -> Result<void> {
    TRY_ASSIGN(const Condition condition, parse_condition(kCondition));
    bench::do_not_optimize(condition);
    return {};
  });
}

Result<bench::Operation> set_up_evaluate() {
  TRY_ASSIGN(Condition condition, parse_condition(kCondition));
  return bench::Operation(
      [condition = std::move(condition)](std::uint64_t iterations) -> Result<void> {
        // Both operands hold, so that neither is skipped.
        const std::array<ConditionValue, 2> values = {0.9, std::int64_t{3}};
        for (std::uint64_t i = 0; i < iterations; ++i) {
          bench::do_not_optimize(values);
          const auto answer = condition.evaluate(values);
          if (!answer) return fail(answer.error());
          bench::do_not_optimize(*answer);
        }
        return {};
      });
}

double severity_of(std::size_t row) { return static_cast<double>(row * 7919 % 1000) / 1000; }
std::int64_t count_of(std::size_t row) { return static_cast<std::int64_t>(row * 104729 % 12); }

Result<bench::Operation> set_up_columns() {
  TRY_ASSIGN(Condition condition, parse_condition(kCondition));
  std::vector<double> severity(kColumnRows);
  std::vector<std::int64_t> count(kColumnRows);
  for (std::size_t i = 0; i < kColumnRows; ++i) {
    severity[i] = severity_of(i);
    count[i] = count_of(i);
  }
  return bench::Operation([condition = std::move(condition), severity = std::move(severity),
                           count = std::move(count)](std::uint64_t iterations) -> Result<void> {
    const std::array<ConditionColumn, 2> columns = {std::span<const double>(severity),
                                                    std::span<const std::int64_t>(count)};
    std::array<std::uint64_t, kColumnRows / 64> answers;
    for (std::uint64_t left = iterations; left > 0;) {
      const std::size_t rows = std::min<std::uint64_t>(left, kColumnRows);
      TRY(condition.evaluate(columns, rows, answers));
      bench::do_not_optimize(answers);
      left -= rows;
    }
    return {};
  });
}

/// Records, and what filters them.
class FilterFixture {
 public:
  FilterFixture(Condition condition, cond::RecordFormat format)
      : condition_(std::move(condition)),
        options_{.format = format},
        filter_(condition_, options_) {
    for (std::size_t i = 0; i < kFilterRecords; ++i) add_record(i);
    chunk_.buffer.grow(text_.size(), 0);
    std::memcpy(chunk_.buffer.data(), text_.data(), text_.size());
    if (format != cond::RecordFormat::csv) return;
    auto header = std::make_shared<cond::CsvHeader>();
    header->record = "host,severity,recurrence_count\n";
    header->names = {"host", "severity", "recurrence_count"};
    // By the condition's order of variables.
    header->slots = {cond::CsvHeader::kUnnamed, 0, 1};
    chunk_.header = header;
  }

  /// The first `records` of them.
  Result<void> run(std::size_t records) {
    chunk_.text = {chunk_.buffer.data(), ends_[records - 1]};
    answers_.clear();
    filter_.run(chunk_, answers_);
    bench::do_not_optimize(answers_);
    if (answers_.bad.empty() && answers_.records == records) return {};
    return fail(ErrorCode::internal, "the filter did not read the records of the benchmark");
  }

 private:
  void add_record(std::size_t i) {
    text_ += options_.format == cond::RecordFormat::csv
                 ? fmt::format("db{},{:.3f},{}\n", i % 16, severity_of(i), count_of(i))
                 : fmt::format(R"({{"host":"db{}","severity":{:.3f},"recurrence_count":{}}})"
                               "\n",
                               i % 16, severity_of(i), count_of(i));
    ends_.push_back(text_.size());
  }

  Condition condition_;
  cond::FilterOptions options_;
  cond::ChunkFilter filter_;
  std::string text_;
  std::vector<std::size_t> ends_;  ///< Behind each record.
  cond::Chunk chunk_;
  cond::ChunkAnswers answers_;
};

/// An iteration is one record.
Result<bench::Operation> set_up_filter(cond::RecordFormat format) {
  TRY_ASSIGN(Condition condition, parse_condition(kCondition));
  const auto fixture = std::make_shared<FilterFixture>(std::move(condition), format);
  return bench::Operation([fixture](std::uint64_t iterations) -> Result<void> {
    for (std::uint64_t left = iterations; left > 0;) {
      const std::size_t records = std::min<std::uint64_t>(left, kFilterRecords);
      TRY(fixture->run(records));
      left -= records;
    }
    return {};
  });
}

}  // namespace

std::vector<bench::Benchmark> cond_suite() {
  return {{"cond/parse", set_up_parse},
          {"cond/evaluate", set_up_evaluate},
          {"cond/columns", set_up_columns},
          {"cond/filter_ndjson", [] { return set_up_filter(cond::RecordFormat::ndjson); }},
          {"cond/filter_csv", [] { return set_up_filter(cond::RecordFormat::csv); }}};
}

}  // namespace rz::suites
