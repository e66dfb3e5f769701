#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "rz/base/result.h"
#include "rz/cond/condition.h"
#include "rz/cond/filter/chunk_reader.h"
#include "rz/cond/filter/csv_reader.h"
#include "rz/cond/filter/filter_records.h"
#include "rz/cond/filter/json_reader.h"

namespace rz::cond {

/// What is to be done with the records of one chunk. Offsets are those of its text.
struct ChunkAnswers {
  /// A record to be written.
  struct SelectedRecord {
    std::uint32_t begin = 0;
    std::uint32_t end = 0;        ///< Behind its line feed.
    std::uint32_t line = 0;       ///< Of the chunk, from 0.
    std::uint32_t insert_at = 0;  ///< Where an annotation belongs.
    bool answer = true;
    bool first_member = false;         ///< The annotation is the only member.
    std::uint32_t missing_fields = 0;  ///< Fields of CSV that stand before the annotation.
  };
  struct Bad {
    std::uint64_t matches_before = 0;  ///< In the chunk.
    std::uint32_t line = 0;
    Error error;            ///< `where` is the column.
    bool answered = false;  ///< The answer for the record is false; it need not be named.
  };

  std::vector<SelectedRecord> selected;  ///< Empty where records are not written.
  std::vector<Bad> bad;
  std::vector<std::uint32_t> match_ends;  ///< Behind each match; only where they are limited.
  std::uint64_t records = 0;
  std::uint64_t matches = 0;
  std::uint64_t lines = 0;

  void clear();
};

/// Evaluates a condition for the records of chunks. Not thread-safe: one for each thread.
class ChunkFilter {
 public:
  /// Both must outlive the filter.
  ChunkFilter(const Condition& condition, const FilterOptions& options);

  /// Under BadRecordPolicy::fail it ends with the first bad record.
  void run(const Chunk& chunk, ChunkAnswers& answers);

 private:
  void run_ndjson(const Chunk& chunk, ChunkAnswers& answers);
  void run_csv(const Chunk& chunk, ChunkAnswers& answers);
  bool take(ChunkAnswers& answers, ChunkAnswers::SelectedRecord record, std::string_view text);
  bool matched(ChunkAnswers& answers, const ChunkAnswers::SelectedRecord& record) const;

  /// Why a record is wrong: `at` is the place, or nullptr; `whole`: it can be annotated.
  struct Refusal {
    ErrorCode code = ErrorCode::parse;
    const char* at = nullptr;
    std::string message;
    bool whole = false;
  };
  Refusal json_refusal(const char* record, const char* end, bool first) const;
  bool refuse(ChunkAnswers& answers, ChunkAnswers::SelectedRecord record, std::string_view text,
              Refusal refusal) const;

  const Condition& condition_;
  const FilterOptions& options_;
  std::vector<ConditionValue> values_;
  JsonReader json_;
  CsvReader csv_;
};

}  // namespace rz::cond
