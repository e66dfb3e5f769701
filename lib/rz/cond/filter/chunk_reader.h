#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "rz/base/byte_source.h"
#include "rz/base/result.h"
#include "rz/cond/filter/csv_reader.h"
#include "rz/cond/filter/filter_records.h"

namespace rz::cond {

/// Room for bytes, kReadAhead of it kept free behind them.
class ChunkBuffer {
 public:
  char* data() { return bytes_.get(); }
  std::size_t capacity() const { return capacity_; }
  /// Makes room for `capacity` bytes; the first `used` are kept.
  void grow(std::size_t capacity, std::size_t used);

 private:
  std::unique_ptr<char[]> bytes_;
  std::size_t capacity_ = 0;
};

/// Whole records, or what went wrong instead.
struct Chunk {
  ChunkBuffer buffer;
  std::string_view text;           ///< Ends with a line feed, unless it is empty. In the buffer.
  std::size_t file = 0;            ///< Into the list of files.
  std::uint64_t lines_before = 0;  ///< Lines since the last chunk that are in no chunk.
  std::shared_ptr<const CsvHeader> header;  ///< Of CSV.
  bool first_of_file = false;
  /// A record that is too long to be looked at; it stands behind `lines_before`, before `text`.
  std::optional<Error> bad_record;
  /// What ended reading the file; the next chunk is that of the next file. `text` is empty.
  std::optional<Error> error;
  std::uint64_t consumed = 0;  ///< Bytes of all files so far.
  /// How far into its file the end of `text` is; nothing if the file is compressed.
  std::optional<std::uint64_t> end_offset;
};

/// Cuts files into chunks of whole records, in order, in buffers of the caller's. Not thread-safe.
class ChunkReader {
 public:
  /// All of it must outlive the reader.
  ChunkReader(const std::vector<std::string>& files, const Condition& condition,
              const FilterOptions& options);

  /// The next chunk; false at the end.
  bool next(Chunk& chunk);

 private:
  Result<bool> fill(Chunk& chunk);
  void close();
  Result<bool> open_next(Chunk& chunk);
  Result<std::size_t> read_more(Chunk& chunk, std::size_t used);
  Result<bool> take_header(Chunk& chunk);
  void skip_comments(Chunk& chunk) const;
  std::size_t end_of_records(std::string_view text);
  Result<void> pass_over_record(Chunk& chunk);

  const std::vector<std::string>& files_;
  std::span<const Variable> variables_;
  std::vector<bool> needed_;  ///< For each variable whether it must have a column.
  const FilterOptions& options_;
  std::size_t next_file_ = 0;
  std::unique_ptr<ByteSource> source_;
  bool source_ended_ = false;
  bool at_start_ = false;              ///< Nothing of the file was given out yet.
  std::uint64_t given_ = 0;            ///< Bytes that the source gave out.
  std::uint64_t consumed_before_ = 0;  ///< Bytes of the files that are done.
  std::string rest_;                   ///< Read, but not given out.
  std::shared_ptr<const CsvHeader> header_;
};

}  // namespace rz::cond
