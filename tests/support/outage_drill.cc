#include "support/outage_drill.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <map>
#include <stdexcept>
#include <thread>
#include <utility>

#include "rz/base/text.h"
#include "rz/fallback/fallback_manager.h"
#include "rz/fallback/history/transition_log.h"
#include "rz/storage/open_storage.h"
#include "support/patience.h"

namespace rz::test {
namespace {

constexpr std::uint64_t kMaxNotes = std::uint64_t{1} << 30;

/// A cascade that was answered, as its writer notes it: a line of words.
struct Note {
  // 'A' acknowledged, 'U' the same with a warning, 'F' failed, or answered for this process alone
  // with the word that nothing of it could be kept.
  char kind;
  std::int64_t epoch = 0;
  std::int64_t micros = 0;
  std::string writer{};
};

// One write, which none of another process can part.
void add_note(int file, const Note& note) {
  const std::string line = std::string(1, note.kind) + " " + std::to_string(note.epoch) + " " +
                           std::to_string(note.micros) + " " + note.writer + "\n";
  static_cast<void>(::write(file, line.data(), line.size()));
}

std::vector<Note> read_notes(const std::string& path) {
  const auto text = read_file(path, kMaxNotes);
  if (!text) throw std::runtime_error(to_string(text.error()));
  std::vector<Note> notes;
  for (const std::string_view line : split(*text, '\n')) {
    const auto words = split(line, ' ');
    if (words.size() != 4) continue;
    notes.push_back({words[0][0], parse_int(words[1]).value_or(0), parse_int(words[2]).value_or(0),
                     std::string(words[3])});
  }
  return notes;
}

bool is_closed(int fd) {
  pollfd waited{fd, POLLIN, 0};
  return ::poll(&waited, 1, 0) > 0;
}

HealthState health_of(bool good) {
  HealthState health;
  health.system.failed_components = good ? 0 : 3;
  return health;
}

void write_until_stopped(FallbackManager& manager, const std::string& name, int notes, int stop) {
  bool good = false;
  while (!is_closed(stop)) {
    const auto outcome = manager.cascade(health_of(good));
    if (!outcome || outcome->store.unrecorded) {
      add_note(notes, {'F', 0, 0, name});
      continue;
    }
    // The opposite of what holds now calls for a transition.
    good = outcome->after.is_degraded();
    if (!outcome->changed()) continue;
    const TimePoint since = outcome->after.since.value_or(TimePoint{});
    add_note(notes, {outcome->store.warnings.empty() ? 'A' : 'U', outcome->after.epoch,
                     since.time_since_epoch().count(), name});
  }
}

int run_writer(const StorageOptions& options, const std::string& name, int notes, int stop) {
  const auto storage = open_storage(options);
  if (!storage) return 1;
  FallbackManagerOptions identity;
  identity.actor = name;
  FallbackManager manager(**storage, std::move(identity));
  const auto write = [&] { write_until_stopped(manager, name, notes, stop); };
  std::thread other(write);
  write();
  other.join();
  return 0;
}

/// The log, checked to be one chain.
std::multimap<std::int64_t, Transition> read_chain(Storage& storage, DrillFigures& figures) {
  std::multimap<std::int64_t, Transition> records;
  Mode mode = Mode::primary;
  TimePoint last{};
  std::int64_t epoch = 0;
  fallback::TransitionLog log(storage, Millis{1});
  const auto take = [&](const Transition& record) {
    ++figures.records;
    figures.in_order &= record.epoch == ++epoch && record.from == mode && record.timestamp > last;
    mode = record.to;
    last = record.timestamp;
    records.emplace(record.epoch.value_or(0), record);
    return true;
  };
  const auto corrupt = [&](const std::string&, const Error&) { figures.in_order = false; };
  if (auto read = log.visit({}, take, corrupt); !read) {
    throw std::runtime_error("the log: " + to_string(read.error()));
  }
  const auto status = FallbackManager(storage).status();
  figures.in_order &= status && status->after.mode == mode && status->after.epoch == epoch;
  return records;
}

}  // namespace

std::string to_string(const DrillFigures& figures) {
  return "sent " + std::to_string(figures.sent) + ", acknowledged " +
         std::to_string(figures.acknowledged) + " (by the master alone " +
         std::to_string(figures.unconfirmed) + "), failed " + std::to_string(figures.failed) +
         ", records " + std::to_string(figures.records) + ", found " +
         std::to_string(figures.found) + ", lost " + std::to_string(figures.lost) + ", doubled " +
         std::to_string(figures.doubled) + (figures.in_order ? ", in order" : ", OUT OF ORDER") +
         (figures.lost_ones.empty() ? "" : "; lost:" + figures.lost_ones);
}

OutageDrill::OutageDrill(StorageOptions storage, int writers) : storage_(std::move(storage)) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) throw std::runtime_error("no pipe: " + errno_text(errno));
  stopped_.reset(ends[0]);
  running_.reset(ends[1]);
  writers_.resize(static_cast<std::size_t>(writers));
  for (std::size_t i = 0; i < writers_.size(); ++i) start_writer(i);
}

OutageDrill::~OutageDrill() {
  for (const pid_t writer : writers_) ::kill(writer, SIGKILL);
  stop();
}

void OutageDrill::start_writer(std::size_t index) {
  const pid_t writer = ::fork();
  if (writer < 0) throw std::runtime_error("cannot fork: " + errno_text(errno));
  if (writer == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    running_.reset();
    const std::string path = folder_ / "notes";
    const UniqueFd notes(::open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600));
    ::_exit(run_writer(storage_, "writer-" + std::to_string(index), notes.get(), stopped_.get()));
  }
  writers_[index] = writer;
}

void OutageDrill::await(int transitions) {
  const auto acknowledged = [this] {
    if (::access((folder_ / "notes").c_str(), F_OK) != 0) return 0;
    int count = 0;
    for (const Note& note : read_notes(folder_ / "notes")) count += note.kind != 'F';
    return count;
  };
  int last = acknowledged();
  const int enough = last + transitions;
  auto end = std::chrono::steady_clock::now() + kPatience;
  for (int now = last; now < enough; now = acknowledged()) {
    if (now > last) end = std::chrono::steady_clock::now() + kPatience;
    last = now;
    if (std::chrono::steady_clock::now() > end) {
      throw std::runtime_error("in vain waited for transitions");
    }
    std::this_thread::sleep_for(Millis{5});
  }
}

void OutageDrill::kill_writer(std::size_t index) {
  ::kill(writers_[index], SIGKILL);
  ::waitpid(writers_[index], nullptr, 0);
  start_writer(index);
}

void OutageDrill::stop() {
  running_.reset();
  for (const pid_t writer : writers_) ::waitpid(writer, nullptr, 0);
  writers_.clear();
}

DrillFigures OutageDrill::finish() {
  stop();
  const auto storage = open_storage(storage_);
  if (!storage) throw std::runtime_error(to_string(storage.error()));
  DrillFigures figures;
  const auto records = read_chain(**storage, figures);
  for (auto at = records.begin(); at != records.end(); at = records.upper_bound(at->first)) {
    figures.doubled += static_cast<int>(records.count(at->first)) - 1;
  }
  for (const Note& note : read_notes(folder_ / "notes")) {
    ++figures.sent;
    figures.failed += note.kind == 'F';
    if (note.kind == 'F') continue;
    ++figures.acknowledged;
    figures.unconfirmed += note.kind == 'U';
    const auto record = records.find(note.epoch);
    const bool found = record != records.end() && record->second.actor == note.writer &&
                       record->second.timestamp.time_since_epoch().count() == note.micros;
    figures.found += found;
    if (found || note.kind != 'A') continue;
    ++figures.lost;
    figures.lost_ones +=
        " " + std::to_string(note.epoch) + "@" + std::to_string(note.micros) + " by " + note.writer;
  }
  return figures;
}

}  // namespace rz::test
