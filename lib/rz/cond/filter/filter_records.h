#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "rz/base/result.h"
#include "rz/cond/condition.h"

namespace rz {

enum class RecordFormat {
  ndjson,  ///< A JSON object a line; blank lines are skipped.
  csv,     ///< RFC 4180, with a header.
};

/// What becomes of a record that is wrong, or whose values the condition cannot take.
enum class BadRecordPolicy {
  fail,      ///< The run ends with its error.
  skip,      ///< It is left out, and reported.
  no_match,  ///< The answer for it is false.
};

struct FilterOptions {
  RecordFormat format = RecordFormat::ndjson;
  char delimiter = ',';           ///< Of CSV.
  bool invert = false;            ///< Takes the records for which the condition is false.
  bool missing_is_false = false;  ///< Where a value is needed and missing: false, not an error.
  BadRecordPolicy on_bad = BadRecordPolicy::fail;
  std::uint64_t max_matches = 0;  ///< Stops after so many; 0: no limit.
  bool write_records = true;      ///< Or else only counts.
  bool line_numbers = false;      ///< `LINE:` before each record; `FILE:LINE:` with several files.
  bool annotate = false;          ///< Writes all records, each with the answer as `match`.
  std::size_t max_record = 16 << 20;   ///< Bytes of one record; a longer one is wrong.
  std::size_t chunk_size = 256 << 10;  ///< Bytes that are read at a time.
  int threads = 1;  ///< For files; what comes through a pipe is read as it comes, by one.
};

struct FilterReport {
  std::uint64_t records = 0;  ///< Bad ones among them.
  std::uint64_t matches = 0;
  std::uint64_t bad = 0;
};

struct FilterProgress {
  std::uint64_t records = 0;
  std::uint64_t consumed = 0;  ///< Bytes of all files.
  std::uint64_t size = 0;      ///< Of all files; 0 where it is not known.
};

/// Where the records go. Called from one thread at a time, in the order of the records.
class FilterSink {
 public:
  virtual ~FilterSink() = default;
  virtual void write(std::string_view bytes) = 0;
  /// After each stretch of input. An error ends the run.
  virtual Result<void> flush(const FilterProgress& progress) = 0;
  /// A record that was skipped; `where` is `FILE:LINE:COLUMN`.
  virtual void bad_record(const Error& error) = 0;
};

/// Writes the records of `files` (`-`: standard input) for which the condition is true, byte for
/// byte as they came and in their order; a last line without an end gets one. gzip and Zstandard
/// are decompressed. CSV comes with the header of the first file; further ones must have the same.
///
/// Of each member that the condition names the value must be of its variable's type, or null. Only
/// what stands in the record itself is looked at, not in objects inside it. The last of equal
/// members counts.
///
/// Memory is bounded by the threads and max_record, whatever the input. Errors: those of a bad
/// record under BadRecordPolicy::fail (parse, not_found, invalid_argument), of a file (not_found,
/// unavailable, corrupt), of the sink.
Result<FilterReport> filter_records(const Condition& condition,
                                    const std::vector<std::string>& files,
                                    const FilterOptions& options, FilterSink& sink);

}  // namespace rz
