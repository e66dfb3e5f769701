#include "rz/cond/filter/chunk_reader.h"

#include <algorithm>
#include <cstring>

#include "rz/base/file.h"
#include "rz/base/invariant.h"
#include "rz/base/text.h"
#include "rz/cond/filter/foreign_input.h"
#include "rz/cond/filter/number.h"
#include "rz/cond/variable_use.h"

namespace rz::cond {
namespace {}  // namespace

void ChunkBuffer::grow(std::size_t capacity, std::size_t used) {
  if (capacity <= capacity_) return;
  auto bytes = std::make_unique_for_overwrite<char[]>(capacity + kReadAhead);
  if (used > 0) std::memcpy(bytes.get(), bytes_.get(), used);
  std::memset(bytes.get() + capacity, 0, kReadAhead);
  bytes_ = std::move(bytes);
  capacity_ = capacity;
}

ChunkReader::ChunkReader(const std::vector<std::string>& files, const Condition& condition,
                         const FilterOptions& options)
    : files_(files),
      variables_(condition.variables()),
      needed_(options.missing_is_false ? std::vector<bool>(variables_.size())
                                       : needed_variables(condition)),
      options_(options) {}

bool ChunkReader::next(Chunk& chunk) {
  chunk.text = {};
  chunk.lines_before = 0;
  chunk.first_of_file = false;
  chunk.bad_record.reset();
  chunk.error.reset();
  chunk.end_offset.reset();
  auto filled = fill(chunk);
  chunk.header = header_;
  chunk.consumed = consumed_before_ + (source_ ? source_->consumed() : 0);
  if (source_ && !source_->compressed()) chunk.end_offset = given_ - rest_.size();
  if (filled) return *filled;
  chunk.text = {};
  chunk.error = std::move(filled).error();
  close();
  return true;
}

void ChunkReader::close() {
  if (source_) consumed_before_ += source_->consumed();
  source_.reset();
  rest_.clear();
}

Result<bool> ChunkReader::open_next(Chunk& chunk) {
  close();
  if (next_file_ == files_.size()) return false;
  header_.reset();
  source_ended_ = false;
  at_start_ = true;
  given_ = 0;
  chunk.file = next_file_++;
  chunk.first_of_file = true;
  auto source = open_byte_source(files_[chunk.file]);
  if (!source) return fail(std::move(source).error());
  source_ = std::move(*source);
  return true;
}

// Adds to the first `used` bytes of the chunk's buffer; at the end of the source, the line feed
// that the last line may lack. Returns how many there are then.
Result<std::size_t> ChunkReader::read_more(Chunk& chunk, std::size_t used) {
  ChunkBuffer& buffer = chunk.buffer;
  if (used + 1 >= buffer.capacity()) buffer.grow(2 * buffer.capacity(), used);
  require_invariant(used + 1 < buffer.capacity(), "the buffer has room to read into");
  const auto count = source_->read(buffer.data() + used, buffer.capacity() - used - 1);
  if (!count) return fail(count.error());
  require_invariant(*count < buffer.capacity() - used, "a source gives no more than was asked for");
  given_ += *count;
  source_ended_ = *count == 0;
  if (source_ended_ && used > 0 && buffer.data()[used - 1] != '\n') {
    buffer.data()[used++] = '\n';
    ++given_;
  }
  return used + *count;
}

Result<bool> ChunkReader::fill(Chunk& chunk) {
  chunk.file = next_file_ > 0 ? next_file_ - 1 : 0;
  ChunkBuffer& buffer = chunk.buffer;
  for (;;) {
    if (!source_ || (source_ended_ && rest_.empty())) {
      const auto opened = open_next(chunk);
      if (!opened || !*opened) return opened;
    }
    buffer.grow(std::max(options_.chunk_size, 2 * rest_.size() + 2), 0);
    std::size_t used = rest_.size();
    if (used > 0) std::memcpy(buffer.data(), rest_.data(), used);
    rest_.clear();
    std::size_t begin = 0;
    std::size_t end = 0;
    while (end == 0) {
      const std::size_t searched = used;
      const auto total = read_more(chunk, used);
      if (!total) return fail(total.error());
      used = *total;
      const std::string_view text(buffer.data(), used);
      if (at_start_ && text.starts_with(kByteOrderMark)) begin = kByteOrderMark.size();
      if (source_ended_) {
        end = used;
        break;
      }
      // What was searched before has no end of a record; looking at CSV again starts from its
      // beginning, so a long record is looked at only when the buffer is full.
      if (options_.format == RecordFormat::csv) {
        if (used > options_.chunk_size && used + 1 < buffer.capacity()) continue;
        end = end_of_records(text.substr(begin));
        if (end > 0) end += begin;
      } else if (text.find('\n', searched) != std::string_view::npos) {
        end = text.rfind('\n') + 1;
      }
      if (end == 0 && used > options_.max_record) break;
    }
    if (at_start_) {
      if (auto foreign = foreign_file({buffer.data(), used})) {
        return fail(ErrorCode::parse, std::move(*foreign), input_name(files_[chunk.file]));
      }
      at_start_ = used == 0;
    }
    // Together, what is kept and what is passed on are exactly what was read.
    require_invariant(begin <= used && end <= used && used <= buffer.capacity(),
                      "records end within what was read");
    rest_.assign(buffer.data() + end, used - end);
    if (end == 0 && used > 0) {
      auto passed = pass_over_record(chunk);
      if (!passed) return fail(std::move(passed).error());
      return true;
    }
    chunk.text = std::string_view(buffer.data() + begin, end - begin);
    if (options_.format == RecordFormat::csv && !header_) {
      const auto taken = take_header(chunk);
      if (!taken) return fail(taken.error());
      if (!*taken) continue;
    }
    if (!chunk.text.empty() || chunk.first_of_file) return true;
  }
}

// Lines of comments at the beginning of the text.
void ChunkReader::skip_comments(Chunk& chunk) const {
  while (options_.comment != '\0' && chunk.text.starts_with(options_.comment)) {
    chunk.text.remove_prefix(chunk.text.find('\n') + 1);
    ++chunk.lines_before;
  }
}

// False: it is not in this text, which holds nothing but comments.
Result<bool> ChunkReader::take_header(Chunk& chunk) {
  skip_comments(chunk);
  if (chunk.text.empty() && !(source_ended_ && rest_.empty())) return false;
  const std::string where =
      input_name(files_[chunk.file]) + ":" + std::to_string(chunk.lines_before + 1);
  if (chunk.text.empty()) {
    if (!options_.header) return true;
    return fail(ErrorCode::parse, "is empty; CSV begins with a header, the names of its columns",
                where);
  }
  CsvReader reader(variables_, options_.delimiter);
  reader.start(chunk.text, nullptr);
  if (chunk.text.front() == '\n' || !reader.read(chunk.text.data(), {})) {
    const std::string why = chunk.text.front() == '\n' ? "an empty line" : reader.problem().message;
    return fail(ErrorCode::parse,
                "expected a header of CSV, but there is " + why +
                    hint_for_first_record(chunk.text, RecordFormat::csv),
                where);
  }
  const std::string_view record =
      chunk.text.substr(0, static_cast<std::size_t>(reader.next() - chunk.text.data()));
  auto header = options_.header
                    ? read_csv_header(record, variables_, options_.delimiter, needed_)
                    : numbered_csv_header(record, variables_, options_.delimiter, needed_);
  if (!header) {
    return fail(header.error().code,
                header.error().message + hint_for_first_record(chunk.text, RecordFormat::csv),
                where);
  }
  if (options_.header) chunk.text.remove_prefix(record.size());
  chunk.lines_before += header->line_count;
  header_ = std::make_shared<const CsvHeader>(std::move(*header));
  return true;
}

// The size of the whole records at the beginning of `text`.
std::size_t ChunkReader::end_of_records(std::string_view text) {
  text = text.substr(0, text.rfind('\n') + 1);
  if (text.find('"') == std::string_view::npos) return text.size();
  CsvReader reader(variables_, options_.delimiter);
  reader.start(text, nullptr);
  const char* p = text.data();
  while (p < text.data() + text.size()) {
    if (*p == '\n' || (options_.comment != '\0' && *p == options_.comment)) {
      p = text.data() + text.find('\n', static_cast<std::size_t>(p - text.data())) + 1;
      continue;
    }
    if (!reader.read(p, {}) && reader.unclosed()) break;
    p = reader.next();
  }
  return static_cast<std::size_t>(p - text.data());
}

// Drops the record that rest_ begins with, up to the end of its first line: too long to be held.
Result<void> ChunkReader::pass_over_record(Chunk& chunk) {
  chunk.bad_record = Error{ErrorCode::parse,
                           "this record is longer than " + humanize_size(options_.max_record), ""};
  std::size_t end = rest_.find('\n');
  while (end == std::string::npos) {
    const auto count = source_->read(chunk.buffer.data(), chunk.buffer.capacity());
    if (!count) return fail(count.error());
    given_ += *count;
    rest_.assign(chunk.buffer.data(), *count);
    source_ended_ = *count == 0;
    if (source_ended_) return {};
    end = rest_.find('\n');
  }
  rest_.erase(0, end + 1);
  return {};
}

}  // namespace rz::cond
