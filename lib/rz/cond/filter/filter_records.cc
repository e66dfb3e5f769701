#include "rz/cond/filter/filter_records.h"

#include <sched.h>
#include <sys/stat.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <system_error>
#include <thread>

#include "rz/base/file.h"
#include "rz/cond/filter/chunk_filter.h"
#include "rz/cond/filter/chunk_reader.h"

namespace rz {
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
      : files_(files), options_(options), sink_(sink), size_(size) {}

  /// False: the run is over.
  bool write(const Chunk& chunk, const ChunkAnswers& answers) {
    if (chunk.error) return stop(*chunk.error);
    if (chunk.first_of_file && !begin_file(chunk)) return false;
    line_ += chunk.lines_before;
    if (chunk.bad_record) {
      ++line_;
      ++report_.records;
      if (!bad_record(chunk, line_, *chunk.bad_record)) return false;
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

 private:
  bool begin_file(const Chunk& chunk) {
    line_ = 0;
    if (!chunk.header) return true;
    const std::string& record = chunk.header->record;
    if (header_ && *header_ != record && options_.write_records) {
      return stop({ErrorCode::invalid_argument,
                   "its header is not that of " + name(0) + "; filter the files one by one",
                   name(chunk.file) + ":1"});
    }
    if (header_ || !options_.write_records) return true;
    header_ = record;
    if (options_.line_numbers) sink_.write(prefix(chunk, 1));
    sink_.write(record);
    if (options_.annotate) sink_.write(std::string(1, options_.delimiter) + "match");
    sink_.write("\n");
    return true;
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
      if (!bad_record(chunk, line_ + bad.line + 1, bad.error)) return false;
    }
    write_until(chunk, answers, UINT32_MAX, wanted, written, matched);
    report_.matches += std::min(answers.matches, wanted);
    report_.records += answers.records;
    return true;
  }

  // Writes the taken records before `line`, up to the last match that is wanted.
  void write_until(const Chunk& chunk, const ChunkAnswers& answers, std::uint32_t line,
                   std::uint64_t wanted, std::size_t& written, std::uint64_t& matched) {
    const bool plain = !options_.line_numbers && !options_.annotate;
    while (written < answers.taken.size() && answers.taken[written].line < line) {
      const ChunkAnswers::Taken& first = answers.taken[written];
      if (matched == wanted) return;
      matched += first.answer;
      ++written;
      if (!plain) {
        write_marked(chunk, first);
        continue;
      }
      // Neighbours in one go.
      std::uint32_t end = first.end;
      while (written < answers.taken.size() && answers.taken[written].begin == end &&
             answers.taken[written].line < line && matched < wanted) {
        end = answers.taken[written++].end;
        ++matched;
      }
      sink_.write(chunk.text.substr(first.begin, end - first.begin));
    }
  }

  void write_marked(const Chunk& chunk, const ChunkAnswers::Taken& record) {
    if (options_.line_numbers) sink_.write(prefix(chunk, line_ + record.line + 1));
    if (!options_.annotate) {
      sink_.write(chunk.text.substr(record.begin, record.end - record.begin));
      return;
    }
    const bool csv = options_.format == RecordFormat::csv;
    sink_.write(chunk.text.substr(record.begin, record.insert_at - record.begin));
    std::string member = csv ? std::string(1, options_.delimiter)
                             : std::string(record.first_member ? "" : ",") + "\"match\":";
    sink_.write(member.append(record.answer ? "true" : "false"));
    sink_.write(chunk.text.substr(record.insert_at, record.end - record.insert_at));
  }

  bool bad_record(const Chunk& chunk, std::uint64_t line, const Error& error) {
    ++report_.bad;
    Error placed = error;
    placed.where = name(chunk.file) + ":" + std::to_string(line) +
                   (error.where.empty() ? "" : ":" + error.where);
    if (options_.on_bad == BadRecordPolicy::fail) return stop(std::move(placed));
    if (options_.on_bad == BadRecordPolicy::skip) sink_.bad_record(placed);
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
  std::uint64_t line_ = 0;  ///< Lines of the file before the chunk.
  std::optional<std::string> header_;
  FilterReport report_;
  std::optional<Error> error_;
};

// A thread begins on the core of whoever made it, and where two take turns at a lock the scheduler
// may leave both there for good. So a new one asks once for another core and then goes where it is
// sent.
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
class Run {
 public:
  Run(const Condition& condition, const std::vector<std::string>& files,
      const FilterOptions& options, FilterSink& sink, std::uint64_t size, int threads)
      : condition_(condition),
        options_(options),
        slots_(threads == 1 ? 1 : 4 * static_cast<std::size_t>(threads)),
        threads_(threads),
        reader_(files, condition.variables(), options),
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
        break;  // Fewer threads take longer, and that is all.
      }
    }
    work();
    for (std::thread& thread : others) thread.join();
    return writer_.report();
  }

 private:
  /// A chunk on its way, and room for the next.
  struct Slot {
    Chunk chunk;
    ChunkAnswers answers;
    bool done = false;
  };

  // None waits for the chunk of another to be written: it goes on with the next one.
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

  // Reading takes a tenth of the time: as good as always it is a matter of microseconds.
  void lock_reading() {
    for (int i = 0; i < 1000; ++i) {
      if (reading_.try_lock()) return;
      std::this_thread::yield();
    }
    reading_.lock();
  }

  // Whoever brings the chunk that is to be written next also writes those that are done behind it.
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
  // A thread that waits for a pipe could not be told that the run is over.
  const auto size = total_size(files);
  const int threads = size ? std::max(1, options.threads) : 1;
  return Run(condition, files, options, sink, size.value_or(0), threads).execute();
}

}  // namespace rz
