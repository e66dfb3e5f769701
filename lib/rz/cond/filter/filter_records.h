#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "rz/base/result.h"
#include "rz/cond/condition.h"

namespace rz::cond {

enum class RecordFormat {
  ndjson,  ///< A JSON object a line; blank lines are skipped.
  csv,     ///< RFC 4180, with a header.
};

/// What is done with a bad record: it cannot be read, or the condition fails for its values.
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
  /// Stops after so many; 0: no limit. Standard input that can be sought (a file) is then left
  /// right behind the last record that was taken.
  std::uint64_t max_matches = 0;
  bool write_records = true;  ///< Or else only counts.
  bool line_numbers = false;  ///< `LINE:` before each record; `FILE:LINE:` with several files.
  bool annotate = false;      ///< Writes all records, each with the answer as a last member.
  std::string annotation = "match";    ///< The name of that member; a record that has it is wrong.
  bool header = true;                  ///< Of CSV; without one the columns are `c1`, `c2`, ….
  bool fill = false;                   ///< Records of CSV with too few fields lack the last values.
  char comment = '\0';                 ///< Lines of CSV that begin with it are left out; 0: none.
  std::size_t max_record = 16 << 20;   ///< Bytes of one record; a longer one is wrong.
  std::size_t chunk_size = 256 << 10;  ///< Bytes that are read at a time.
  int threads = 1;  ///< For files; what comes through a pipe is read as it comes, by one.
};

struct FilterReport {
  std::uint64_t records = 0;  ///< Bad ones among them.
  std::uint64_t matches = 0;
  std::uint64_t bad = 0;
  std::uint64_t unread = 0;  ///< Files that were not read, or not to their end.
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
  /// A file that cannot be read, or no further; the run goes on with the next one.
  virtual void bad_file(const Error& error) = 0;
};

/// Writes the records of `files` (`-`: standard input) for which the condition is true, byte for
/// byte as they came and in their order; a last line without an end gets one. gzip and Zstandard
/// are decompressed. CSV comes with the header of the first file; further ones must have the same
/// names, or are bad files.
///
/// Of each member that the condition names the value must be of its variable's type, or null. The
/// last of equal members counts. A name with a dot that no member has is a path: `a.b` is what `b`
/// means in the object `a`.
///
/// Under BadRecordPolicy::no_match a record that cannot be annotated is reported as a bad one.
///
/// Memory is bounded by the threads and max_record, whatever the input. Errors: those of a bad
/// record under BadRecordPolicy::fail (parse, not_found, invalid_argument), of the sink.
Result<FilterReport> filter_records(const Condition& condition,
                                    const std::vector<std::string>& files,
                                    const FilterOptions& options, FilterSink& sink);

}  // namespace rz::cond
