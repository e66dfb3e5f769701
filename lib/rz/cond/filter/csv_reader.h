#pragma once

#include <cstdint>
#include <forward_list>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "rz/base/result.h"
#include "rz/cond/filter/record_reader.h"

namespace rz::cond {

/// What the header of a CSV file says.
struct CsvHeader {
  static constexpr std::uint32_t kUnnamed = UINT32_MAX;
  std::string record;                ///< As it stands in the file; empty if it has none.
  std::vector<std::string> names;    ///< Of the columns, quotes taken off.
  std::size_t line_count = 1;        ///< Lines that it takes.
  std::vector<std::uint32_t> slots;  ///< For each column the variable that it holds, or kUnnamed.
};

/// Steps through the places of a text where a byte means something: separators, quotes, line feeds.
/// Looks at 64 bytes at a time.
class CsvCursor {
 public:
  CsvCursor() = default;
  /// The text ends with a line feed; kReadAhead bytes behind it may be read.
  CsvCursor(const char* begin, char delimiter) : delimiter_(delimiter) { seek(begin); }

  /// The first such place at or behind the last seek() that was not given out yet.
  const char* next() {
    while (mask_ == 0) load(block_ + 64);
    const char* p = block_ + __builtin_ctzll(mask_);
    mask_ &= mask_ - 1;
    return p;
  }

  /// Goes on with `p`, forward or back.
  void seek(const char* p) { load(p); }

 private:
  void load(const char* block);

  const char* block_ = nullptr;
  std::uint64_t mask_ = 0;
  char delimiter_ = ',';
};

/// Reads the values of variables out of CSV records (RFC 4180; a line feed alone ends a line, too).
/// An empty field without quotes is not a value, and neither is a blank one, quoted or not, where
/// the variable is not a string.
///
/// A record that is wrong ends with its first line, so that an open quote does not take the records
/// behind it along. Not thread-safe: one for each thread.
class CsvReader {
 public:
  /// `variables` must outlive it.
  /// `fill`: records with too few fields lack the last values, and are not wrong.
  CsvReader(std::span<const Variable> variables, char delimiter, bool fill = false)
      : variables_(variables), delimiter_(delimiter), fill_(fill) {}

  /// Sets the text, which begins with a record and ends with a line feed (kReadAhead bytes behind
  /// it may be read), and the columns; nullptr: only where records end is of interest. Both must
  /// outlive the calls of read().
  void start(std::string_view text, const CsvHeader* header);

  /// Reads the record at `begin`, which is not an empty line: the first one of the text or next().
  /// Each of `values` is set, to monostate where there is no value. Strings are valid until the
  /// next call. False if the record is wrong: see problem().
  bool read(const char* begin, std::span<ConditionValue> values);

  /// Behind the record that was read.
  const char* next() const { return next_; }
  /// The lines that it takes.
  std::size_t line_count() const { return line_count_; }
  const RecordProblem& problem() const { return problem_; }
  /// Whether the last record has the columns of the header, even if a value is of a wrong type.
  bool whole() const { return whole_; }
  /// Fields that the last record lacks; only where they are filled.
  std::size_t missing_fields() const { return missing_fields_; }

  /// Whether the last record reached the end of the text inside a quoted field.
  bool unclosed() const { return unclosed_; }

 private:
  const char* read_quoted(const char* field, std::size_t column);
  void set(std::size_t column, const char* begin, const char* end);
  void set_quoted(std::size_t column, std::string_view text, bool doubled);
  void set_text(std::uint32_t slot, std::string_view text);
  bool may_lack_fields(const char* begin, std::size_t fields);
  bool refuse(const char* at, std::string message);
  bool fail(const char* at, std::string message);

  std::span<const Variable> variables_;
  char delimiter_;
  bool fill_;
  std::string_view text_;
  const CsvHeader* header_ = nullptr;
  bool ascii_ = true;
  CsvCursor cursor_;
  std::span<ConditionValue> values_;
  ValueProblems value_problems_;
  RecordProblem problem_;
  const char* next_ = nullptr;
  std::size_t line_count_ = 1;
  std::size_t missing_fields_ = 0;
  bool whole_ = false;
  bool unclosed_ = false;
  std::forward_list<std::string> unescaped_;
};

/// Reads a header record, which may end with its line end. `needed` has for each variable whether
/// it must have a column. Errors: parse (a quote where none can be, a name of a variable twice),
/// not_found (a column is missing), without a place.
Result<CsvHeader> read_csv_header(std::string_view record, std::span<const Variable> variables,
                                  char delimiter, const std::vector<bool>& needed);

/// The header of a file that has none: `c1`, `c2` and so on, as many as its first record has
/// fields. Errors: as above.
Result<CsvHeader> numbered_csv_header(std::string_view first_record,
                                      std::span<const Variable> variables, char delimiter,
                                      const std::vector<bool>& needed);

/// The fields of one record, quotes taken off. Errors: parse, without a place.
Result<std::vector<std::string>> split_csv_record(std::string_view record, char delimiter);

}  // namespace rz::cond
