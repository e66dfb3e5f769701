#include "rz/cond/filter/filter_records.h"

#include <sched.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <system_error>
#include <thread>

#include "rz/base/file.h"
#include "rz/base/json.h"
#include "rz/base/text.h"
#include "rz/cond/filter/chunk_filter.h"
#include "rz/cond/filter/chunk_reader.h"

namespace rz::cond {
namespace {

using cond::Chunk;
using cond::ChunkAnswers;

/// The size of all files; nothing if one of them is not a regular file.
std::optional<std::uint64_t> total_size(const std::vector<std::string>& files) {
  std::uint64_t size = 0;
  for (const std::string& file : files) {
    struct stat info {};
    const int known = file == "-" ? ::fstat(0, &info) : ::stat(file.c_str(), &info);
    if (known != 0 || !S_ISREG(info.st_mode)) return std::nullopt;
    size += static_cast<std::uint64_t>(info.st_size);
  }
  return size;
}

/// Writes the answers, chunk after chunk.
class Writer {
 public:
  Writer(const std::vector<std::string>& files, const FilterOptions& options, FilterSink& sink,
         std::uint64_t size)
      : files_(files),
        options_(options),
        sink_(sink),
        size_(size),
        member_(to_json(Value(options.annotation)) + ":") {}

  /// False: the run is over.
  bool write(const Chunk& chunk, const ChunkAnswers& answers) {
    if (chunk.error) return bad_file(*chunk.error);
    if (chunk.first_of_file) begin_file(chunk);
    if (passing_over_) return true;
    line_ += chunk.lines_before;
    if (chunk.bad_record) {
      ++line_;
      ++report_.records;
      const bool answered = options_.on_bad == BadRecordPolicy::no_match && !options_.annotate;
      if (!bad_record(chunk, line_, *chunk.bad_record, answered)) return false;
    }
    if (!write_records(chunk, answers)) return false;
    line_ += answers.lines;
    const auto flushed = sink_.flush({report_.records, chunk.consumed, size_});
    if (!flushed) return stop(flushed.error());
    return options_.max_matches == 0 || report_.matches < options_.max_matches;
  }

  Result<FilterReport> report() const {
    if (error_) return fail(*error_);
    return report_;
  }

  /// How far into standard input the end of the last match is that was wanted; nothing if it was
  /// not found there, or is not known.
  std::optional<std::uint64_t> end_in_stdin() const { return end_in_stdin_; }

 private:
  void begin_file(const Chunk& chunk) {
    line_ = 0;
    passing_over_ = false;
    if (!chunk.header || !options_.header) return;
    const cond::CsvHeader& header = *chunk.header;
    const std::string problem = header_problem(header);
    if (!problem.empty()) {
      passing_over_ = true;
      (void)bad_file({ErrorCode::invalid_argument, problem, name(chunk.file) + ":1"});
      return;
    }
    if (header_ || !options_.write_records) return;
    header_ = header.names;
    first_file_ = chunk.file;
    if (options_.line_numbers) {
      sink_.write(prefix(chunk, chunk.lines_before - header.line_count + 1));
    }
    const std::string_view names = cond::without_line_end(header.record);
    sink_.write(names);
    if (options_.annotate) sink_.write(options_.delimiter + csv_field(options_.annotation));
    sink_.write(std::string_view(header.record).substr(names.size()));
  }

  std::string header_problem(const cond::CsvHeader& header) const {
    if (!options_.write_records) return "";
    if (header_ && *header_ != header.names) {
      return "its header is not that of " + name(first_file_) + "; filter the files one by one";
    }
    const auto& names = header.names;
    const bool twice = std::find(names.begin(), names.end(), options_.annotation) != names.end();
    if (!options_.annotate || !twice) return "";
    return "there is a column '" + printable(options_.annotation) +
           "' already; choose another name: --annotate=NAME";
  }

  std::string csv_field(const std::string& text) const {
    const char special[] = {options_.delimiter, '"', '\n', '\r', '\0'};
    if (text.find_first_of(special) == std::string::npos) return text;
    std::string quoted = "\"";
    for (const char c : text) quoted.append(c == '"' ? 2 : 1, c);
    return quoted + "\"";
  }

  bool write_records(const Chunk& chunk, const ChunkAnswers& answers) {
    // Of this chunk; without a limit more than it can have.
    const std::uint64_t wanted =
        options_.max_matches == 0 ? UINT64_MAX : options_.max_matches - report_.matches;
    // Records and bad ones in the order of the input, as far as the last match that is wanted.
    std::size_t written = 0;
    std::uint64_t matched = 0;
    for (const ChunkAnswers::Bad& bad : answers.bad) {
      if (bad.matches_before >= wanted) break;
      write_until(chunk, answers, bad.line, wanted, written, matched);
      if (!bad_record(chunk, line_ + bad.line + 1, bad.error, bad.answered)) return false;
    }
    write_until(chunk, answers, UINT32_MAX, wanted, written, matched);
    if (answers.match_ends.size() >= wanted) note_end(chunk, answers.match_ends[wanted - 1]);
    report_.matches += std::min(answers.matches, wanted);
    report_.records += answers.records;
    return true;
  }

  void note_end(const Chunk& chunk, std::uint32_t record_end) {
    if (files_[chunk.file] != "-" || !chunk.end_offset) return;
    end_in_stdin_ = *chunk.end_offset - (chunk.text.size() - record_end);
  }

  // Writes the taken records before `line`, up to the last match that is wanted.
  void write_until(const Chunk& chunk, const ChunkAnswers& answers, std::uint32_t line,
                   std::uint64_t wanted, std::size_t& written, std::uint64_t& matched) {
    const bool plain = !options_.line_numbers && !options_.annotate;
    while (written < answers.selected.size() && answers.selected[written].line < line) {
      const ChunkAnswers::SelectedRecord& first = answers.selected[written];
      if (matched == wanted) return;
      matched += first.answer;
      ++written;
      if (!plain) {
        write_marked(chunk, first);
        continue;
      }
      // Records that follow each other are written at once.
      std::uint32_t end = first.end;
      while (written < answers.selected.size() && answers.selected[written].begin == end &&
             answers.selected[written].line < line && matched < wanted) {
        end = answers.selected[written++].end;
        ++matched;
      }
      sink_.write(chunk.text.substr(first.begin, end - first.begin));
    }
  }

  void write_marked(const Chunk& chunk, const ChunkAnswers::SelectedRecord& record) {
    if (options_.line_numbers) sink_.write(prefix(chunk, line_ + record.line + 1));
    if (!options_.annotate) {
      sink_.write(chunk.text.substr(record.begin, record.end - record.begin));
      return;
    }
    const bool csv = options_.format == RecordFormat::csv;
    sink_.write(chunk.text.substr(record.begin, record.insert_at - record.begin));
    std::string member = csv ? std::string(record.missing_fields + 1, options_.delimiter)
                             : std::string(record.first_member ? "" : ",") + member_;
    sink_.write(member.append(record.answer ? "true" : "false"));
    sink_.write(chunk.text.substr(record.insert_at, record.end - record.insert_at));
  }

  bool bad_record(const Chunk& chunk, std::uint64_t line, const Error& error, bool answered) {
    ++report_.bad;
    Error placed = error;
    placed.where = name(chunk.file) + ":" + std::to_string(line) +
                   (error.where.empty() ? "" : ":" + error.where);
    if (options_.on_bad == BadRecordPolicy::fail) return stop(std::move(placed));
    if (!answered) sink_.bad_record(placed);
    return true;
  }

  bool bad_file(const Error& error) {
    ++report_.unread;
    sink_.bad_file(error);
    return true;
  }

  std::string prefix(const Chunk& chunk, std::uint64_t line) const {
    return (files_.size() > 1 ? name(chunk.file) + ":" : "") + std::to_string(line) + ":";
  }

  std::string name(std::size_t file) const { return input_name(files_[file]); }

  bool stop(Error error) {
    error_ = std::move(error);
    return false;
  }

  const std::vector<std::string>& files_;
  const FilterOptions& options_;
  FilterSink& sink_;
  const std::uint64_t size_;
  const std::string member_;                        ///< What stands before the answer in an object.
  std::uint64_t line_ = 0;                          ///< Lines of the file before the chunk.
  std::optional<std::vector<std::string>> header_;  ///< Of the first file that was written.
  std::size_t first_file_ = 0;
  bool passing_over_ = false;  ///< The file is none that can be filtered.
  std::optional<std::uint64_t> end_in_stdin_;
  FilterReport report_;
  std::optional<Error> error_;
};

// A thread starts on the core of its creator, and the scheduler may leave two threads that
// alternate at a lock on one core for good. So a new thread asks once for another core, and is then
// free to move.
void leave_this_core() {
  cpu_set_t allowed;
  if (::sched_getaffinity(0, sizeof allowed, &allowed) != 0) return;
  cpu_set_t others = allowed;
  const int here = ::sched_getcpu();
  if (here >= 0 && here < CPU_SETSIZE) CPU_CLR(here, &others);
  if (CPU_COUNT(&others) == 0 || ::sched_setaffinity(0, sizeof others, &others) != 0) return;
  (void)::sched_setaffinity(0, sizeof allowed, &allowed);
}

/// Threads that each take the next chunk and evaluate it; chunks are written in order.
class FilterRun {
 public:
  FilterRun(const Condition& condition, const std::vector<std::string>& files,
            const FilterOptions& options, FilterSink& sink, std::uint64_t size, int threads)
      : condition_(condition),
        options_(options),
        slots_(threads == 1 ? 1 : 4 * static_cast<std::size_t>(threads)),
        threads_(threads),
        reader_(files, condition, options),
        writer_(files, options, sink, size) {}

  Result<FilterReport> execute() {
    std::vector<std::thread> others;
    for (int i = 1; i < threads_; ++i) {
      try {
        others.emplace_back([this] {
          leave_this_core();
          work();
        });
      } catch (const std::system_error&) {
        break;  // With fewer threads it only takes longer.
      }
    }
    work();
    for (std::thread& thread : others) thread.join();
    return writer_.report();
  }

  std::optional<std::uint64_t> end_in_stdin() const { return writer_.end_in_stdin(); }

 private:
  /// A chunk on its way, and room for the next.
  struct Slot {
    Chunk chunk;
    ChunkAnswers answers;
    bool done = false;
  };

  // A thread does not wait until earlier chunks are written: it goes on with the next one.
  void work() {
    cond::ChunkFilter filter(condition_, options_);
    while (Slot* slot = take_chunk()) {
      filter.run(slot->chunk, slot->answers);
      write_in_turn(*slot);
    }
  }

  Slot* take_chunk() {
    lock_reading();
    std::lock_guard reading(reading_, std::adopt_lock);
    Slot& slot = slots_[taken_ % slots_.size()];
    {
      std::unique_lock lock(order_);
      slot_free_.wait(lock, [&] { return taken_ < written_ + slots_.size(); });
    }
    if (over_ || !reader_.next(slot.chunk)) return nullptr;
    ++taken_;
    return &slot;
  }

  // Reading takes a tenth of the time, so this lock is held for microseconds.
  void lock_reading() {
    for (int i = 0; i < 1000; ++i) {
      if (reading_.try_lock()) return;
      std::this_thread::yield();
    }
    reading_.lock();
  }

  // The thread with the next chunk to be written also writes the later ones that are ready.
  void write_in_turn(Slot& slot) {
    std::unique_lock lock(order_);
    slot.done = true;
    if (writing_) return;
    writing_ = true;
    for (;;) {
      Slot& next = slots_[written_ % slots_.size()];
      if (!next.done) break;
      lock.unlock();
      if (!over_ && !writer_.write(next.chunk, next.answers)) over_ = true;
      lock.lock();
      next.done = false;
      ++written_;
      slot_free_.notify_one();
    }
    writing_ = false;
  }

  const Condition& condition_;
  const FilterOptions& options_;
  std::vector<Slot> slots_;
  const int threads_;
  std::atomic<bool> over_ = false;

  std::mutex reading_;  ///< Guards the reader and taken_.
  cond::ChunkReader reader_;
  std::uint64_t taken_ = 0;

  std::mutex order_;  ///< Guards what follows, but not the writer: that is of whoever set writing_.
  std::condition_variable slot_free_;
  bool writing_ = false;
  std::uint64_t written_ = 0;
  Writer writer_;
};

}  // namespace

Result<FilterReport> filter_records(const Condition& condition,
                                    const std::vector<std::string>& files,
                                    const FilterOptions& options, FilterSink& sink) {
  // A thread that waits for a pipe cannot be stopped when the run ends, so a pipe is read by one
  // thread.
  const auto size = total_size(files);
  const int threads = size ? std::max(1, options.threads) : 1;
  const off_t begin = ::lseek(STDIN_FILENO, 0, SEEK_CUR);
  FilterRun run(condition, files, options, sink, size.value_or(0), threads);
  auto report = run.execute();
  // The next reader of standard input must find what was not read here. The last line may lack its
  // end.
  if (const auto end = run.end_in_stdin(); end && begin >= 0) {
    struct stat info {};
    if (::fstat(STDIN_FILENO, &info) == 0 && S_ISREG(info.st_mode)) {
      (void)::lseek(STDIN_FILENO, std::min(begin + static_cast<off_t>(*end), info.st_size),
                    SEEK_SET);
    }
  }
  return report;
}

}  // namespace rz::cond
