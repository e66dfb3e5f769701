#include "rz/fallback/offline/spool.h"

#include <doctest/doctest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <random>
#include <thread>

#include "fallback/fallback_support.h"
#include "rz/fallback/fallback_manager.h"
#include "rz/storage/faulty_storage.h"
#include "rz/storage/memory_storage.h"
#include "storage/child_process.h"
#include "support/patience.h"
#include "support/results.h"
#include "support/temp_folder.h"

namespace rz::fallback {
namespace {

/// The transition of epoch `n`, primary to safe or back.
SpoolEntry entry(std::int64_t n) {
  SpoolEntry made;
  made.before.epoch = n - 1;
  made.before.mode = n % 2 == 1 ? Mode::primary : Mode::safe;
  made.before.since = at(n - 1);
  made.after = made.before;
  made.after.mode = n % 2 == 1 ? Mode::safe : Mode::primary;
  made.after.epoch = n;
  made.after.since = at(n);
  made.after.writer = "token" + std::to_string(n);
  made.transition = transition(at(n), made.before.mode, made.after.mode, "because", n);
  return made;
}

struct SpoolFixture {
  TempFolder folder;
  Spool spool{folder / "spool", "redis://localhost:6379/0"};
  Spool patient{folder / "spool", "redis://localhost:6379/0", test::kPatience};

  std::string file(const char* ending) const {
    for (const auto& each : std::filesystem::directory_iterator(folder / "spool")) {
      if (each.path().extension() == ending) return each.path();
    }
    return {};
  }
};

void add_bytes(const std::string& path, std::string_view bytes) {
  std::ofstream(path, std::ios::app | std::ios::binary) << bytes;
}

unsigned mode_of(const std::string& path) {
  struct stat status {};
  REQUIRE(::lstat(path.c_str(), &status) == 0);
  return status.st_mode & 07777;
}

TEST_CASE_FIXTURE(SpoolFixture, "nothing is known of a store that was never seen") {
  CHECK_FALSE(spool.pending());
  CHECK_FALSE(ok(spool.open()).view().state());
  CHECK(ok(spool.open()).entries().empty());
}

TEST_CASE_FIXTURE(SpoolFixture, "the state last seen is kept whole") {
  ModeState state = entry(3).after;
  state.pin = Pin{at(60), "maintenance \"x\"\n", "ops@db1"};
  state.good_evaluations = 2;
  state.reason = "multiple_failures(2)";
  ok(spool.remember(state, at(3)));
  CHECK(ok(spool.open()).view().state() == state);
  ok(spool.remember(entry(4).after, at(4)));
  CHECK(ok(spool.open()).view().state() == entry(4).after);
  CHECK_FALSE(spool.pending());
}

// The state that the n-th write of one lineage left.
ModeState written(std::int64_t n) {
  ModeState state = entry(n).after;
  state.lineage = "memory";
  state.version = n;
  return state;
}

TEST_CASE_FIXTURE(SpoolFixture, "a process that was held up does not turn the time back") {
  ok(spool.remember(written(6), at(6)));
  ok(spool.remember(written(5), at(7)));
  CHECK(ok(spool.open()).view().state() == written(6));
  // A clock that was ahead when it was kept, or is behind now, makes no difference.
  ok(spool.remember(written(7), at(1'000'000)));
  ok(spool.remember(written(8), at(3)));
  CHECK(ok(spool.open()).view().state() == written(8));
  CHECK(ok(spool.peek()).seen->now == at(3));
  // A pin changes the version alone.
  ModeState pinned = written(8);
  pinned.version = 9;
  pinned.pin = Pin{std::nullopt, "migration", "ops@db1"};
  ok(spool.remember(pinned, at(2)));
  CHECK(ok(spool.open()).view().state() == pinned);
}

TEST_CASE_FIXTURE(SpoolFixture, "a store that has lost its memory is not what was seen last") {
  ModeState known = entry(6).after;
  known.lineage = "memory";
  known.version = 6;
  ok(spool.remember(known, at(6)));
  ModeState anew = entry(1).after;
  anew.lineage = "another";
  anew.version = 1;
  ok(spool.remember(anew, at(7)));
  ok(spool.remember(ModeState{}, at(7)));
  CHECK(ok(spool.open()).view().state() == known);
  // One that has taken its place, knowing it, is.
  anew.ancestors = {{"memory", 6}};
  ok(spool.remember(anew, at(8)));
  CHECK(ok(spool.open()).view().state() == anew);
}

TEST_CASE_FIXTURE(SpoolFixture,
                  "when the store was seen is kept up to date, though not at every look") {
  ok(spool.remember(entry(1).after, at(0)));
  ok(spool.remember(entry(1).after, at(5)));
  CHECK(ok(spool.peek()).seen->now == at(0));
  ok(spool.remember(entry(1).after, at(60)));
  CHECK(ok(spool.peek()).seen->now == at(60));
  // As does one that is ahead of the clock.
  ok(spool.remember(entry(1).after, at(50)));
  CHECK(ok(spool.peek()).seen->now == at(50));
}

TEST_CASE_FIXTURE(SpoolFixture,
                  "entries are kept in order, and the state is that after the last one") {
  ok(spool.remember(entry(1).before, at(1)));
  for (int i = 1; i <= 3; ++i) ok(ok(spool.open()).append({entry(i)}));
  CHECK(spool.pending());
  auto session = ok(spool.open());
  CHECK(session.entries() == std::vector{entry(1), entry(2), entry(3)});
  CHECK(session.view().state() == entry(3).after);
  CHECK(session.view().transitions() == 3);
  ok(session.drop_front(std::vector{entry(1)}, entry(1).after, at(1)));
  CHECK(session.entries() == std::vector{entry(2), entry(3)});
  ok(session.append({entry(4)}));
}

TEST_CASE_FIXTURE(SpoolFixture, "what was seen before the entries does not outweigh them") {
  ok(ok(spool.open()).append({entry(1)}));
  ok(spool.remember(entry(5).after, at(5)));
  CHECK(ok(spool.open()).view().state() == entry(1).after);
  auto session = ok(spool.open());
  ok(session.drop_front(std::vector{entry(1)}, entry(1).after, at(1)));
  CHECK_FALSE(spool.pending());
  ok(session.remember(entry(5).after, at(5)));
  CHECK(session.view().state() == entry(5).after);
}

TEST_CASE_FIXTURE(SpoolFixture, "what was decided after the spool was forgotten is not dropped") {
  ok(ok(spool.open()).append(std::vector{entry(1), entry(2)}));
  const std::vector<SpoolEntry> settled = ok(spool.open()).entries();
  ok(spool.forget(entry(2).after, at(2)));
  {
    auto session = ok(spool.open());
    ok(session.drop_front(settled, entry(2).after, at(2)));
    CHECK(session.entries().empty());
  }
  ok(ok(spool.open()).append({entry(3)}));
  auto session = ok(spool.open());
  ok(session.drop_front(settled, entry(2).after, at(2)));
  CHECK(session.entries() == std::vector{entry(3)});
  // Of those that are there, the settled ones at the front go.
  ok(session.append({entry(4)}));
  ok(session.drop_front(std::vector{entry(3)}, entry(3).after, at(3)));
  CHECK(session.entries() == std::vector{entry(4)});
}

TEST_CASE_FIXTURE(SpoolFixture, "its owner alone may read it") {
  ok(spool.remember(entry(1).before, at(1)));
  ok(ok(spool.open()).append({entry(1)}));
  CHECK(mode_of(folder / "spool") == 0700);
  for (const char* ending : {".known", ".spool", ".lock"}) CHECK(mode_of(file(ending)) == 0600);
  auto session = ok(spool.open());
  ok(session.append({entry(2)}));
  ok(session.drop_front(std::vector{entry(1)}, entry(1).after, at(1)));
  CHECK(mode_of(file(".spool")) == 0600);
}

TEST_CASE_FIXTURE(SpoolFixture, "two stores share nothing") {
  Spool other(folder / "spool", "redis://localhost:6379/1");
  ok(spool.remember(entry(1).before, at(1)));
  ok(ok(spool.open()).append({entry(1)}));
  CHECK_FALSE(other.pending());
  CHECK_FALSE(ok(other.open()).view().state());
}

TEST_CASE_FIXTURE(SpoolFixture,
                  "a half-written last line is set aside, and the next entry is whole") {
  ok(ok(spool.open()).append({entry(1)}));
  ok(ok(spool.open()).append({entry(2)}));
  const std::string path = file(".spool");
  const std::string text = content_of(path);
  const std::size_t second = text.find('\n') + 1;
  // Every place at which a crash may have ended it.
  for (std::size_t end = second + 1; end + 1 < text.size(); end += 7) {
    if (const std::string damaged = file(".damaged"); !damaged.empty()) {
      std::filesystem::remove(damaged);
    }
    std::ofstream(path, std::ios::trunc) << text.substr(0, end);
    // It may be on its way: who only looks neither tells of it nor takes it out.
    CHECK(ok(spool.peek()).damage.lines == 0);
    CHECK(ok(spool.peek()).entries == std::vector{entry(1)});
    CHECK(content_of(path) == text.substr(0, end));
    {
      const auto session = ok(spool.open());
      CHECK(session.entries() == std::vector{entry(1)});
      CHECK(session.damage().lines == 1);
      CHECK(session.damage().path == file(".damaged"));
    }
    ok(ok(spool.open()).append({entry(3)}));
    CHECK(ok(spool.open()).entries() == std::vector{entry(1), entry(3)});
    // Told of until somebody has removed it.
    CHECK(ok(spool.open()).damage().lines == 1);
    CHECK(ok(spool.peek_known()).damage.lines == 1);
  }
  CHECK(content_of(file(".damaged")).starts_with(text.substr(second, 1)));
}

TEST_CASE_FIXTURE(SpoolFixture, "a last line that lacks its end alone is whole") {
  ok(ok(spool.open()).append({entry(1)}));
  const std::string path = file(".spool");
  std::filesystem::resize_file(path, std::filesystem::file_size(path) - 1);
  CHECK(ok(spool.open()).entries() == std::vector{entry(1)});
  ok(ok(spool.open()).append({entry(2)}));
  CHECK(ok(spool.open()).entries() == std::vector{entry(1), entry(2)});
  CHECK_FALSE(ok(spool.peek()).damage.any());
}

TEST_CASE_FIXTURE(SpoolFixture, "who only looks moves no damage, and tells of it") {
  ok(ok(spool.open()).append({entry(1)}));
  add_bytes(file(".spool"), "{half\n");
  const std::string before = content_of(file(".spool"));
  const SpoolView view = ok(spool.peek());
  CHECK(view.damage.lines == 1);
  CHECK(view.damage.path == file(".spool"));
  CHECK(content_of(file(".spool")) == before);
  CHECK(file(".damaged").empty());
  CHECK(view.damage.sentence().find("1 line of the spool cannot be read") != std::string::npos);
}

TEST_CASE_FIXTURE(SpoolFixture, "an attempt stays in its place, and is not what is decided on") {
  SpoolEntry attempt = entry(2);
  attempt.attempt = true;
  SpoolEntry anew = entry(3);
  anew.instead_of = attempt.after.writer;
  ok(ok(spool.open()).append(std::vector{attempt, anew}));
  const SpoolView view = ok(spool.peek());
  CHECK(view.entries == std::vector{attempt, anew});
  CHECK(view.state() == anew.after);
  CHECK(view.transitions() == 1);
}

TEST_CASE_FIXTURE(SpoolFixture,
                  "damage in the middle costs the lines that it is in, and names them") {
  ok(ok(spool.open()).append({entry(1)}));
  add_bytes(file(".spool"), "{\"before\":\n\xff\xfe\nnull\n{}\n");
  ok(ok(spool.open()).append({entry(2)}));
  CHECK(ok(spool.open()).entries() == std::vector{entry(1), entry(2)});
  CHECK(content_of(file(".damaged")) == "{\"before\":\n\xff\xfe\nnull\n{}\n");
}

TEST_CASE_FIXTURE(SpoolFixture, "a state last seen that is damaged is not known") {
  ok(spool.remember(entry(1).before, at(1)));
  std::ofstream(file(".known"), std::ios::trunc) << "{\"state\":{\"mode\":\"sa";
  CHECK_FALSE(ok(spool.open()).view().state());
  ok(spool.remember(entry(2).before, at(2)));
  CHECK(ok(spool.open()).view().state() == entry(2).before);
}

TEST_CASE_FIXTURE(SpoolFixture, "a file that is another's, or a link to one, is refused") {
  ok(ok(spool.open()).append({entry(1)}));
  const std::string path = file(".spool");
  std::ofstream(folder / "mine") << "precious";
  std::filesystem::remove(path);
  std::filesystem::create_symlink(folder / "mine", path);
  CHECK(message_of(spool.open()).find("cannot open") != std::string::npos);
  std::filesystem::remove(path);
  std::filesystem::create_directory(path);
  CHECK_FALSE(spool.open().has_value());
  std::filesystem::remove(path);
  REQUIRE(::mkfifo(path.c_str(), 0600) == 0);
  CHECK_FALSE(spool.open().has_value());
  CHECK(content_of(folder / "mine") == "precious");
}

TEST_CASE_FIXTURE(SpoolFixture, "what others can write to is refused") {
  ok(ok(spool.open()).append({entry(1)}));
  REQUIRE(::chmod(file(".spool").c_str(), 0620) == 0);
  CHECK(message_of(spool.open()).find("others can write to it") != std::string::npos);
  REQUIRE(::chmod(file(".spool").c_str(), 0600) == 0);
  CHECK(ok(spool.open()).entries().size() == 1);
  REQUIRE(::chmod((folder / "spool").c_str(), 0777) == 0);
  CHECK(code_of(spool.open()) == ErrorCode::corrupt);
}

TEST_CASE_FIXTURE(SpoolFixture, "a folder that cannot be made is an error with its path") {
  std::ofstream(folder / "file") << "x";
  Spool none(folder / "file/spool", "store");
  CHECK(message_of(none.open()).find(folder / "file") != std::string::npos);
  CHECK_FALSE(none.remember(entry(1).after, at(1)).has_value());
}

TEST_CASE_FIXTURE(SpoolFixture, "a full disk: the entry is refused, and what was there is whole") {
  for (int i = 1; i <= 3; ++i) ok(ok(spool.open()).append({entry(i)}));
  const auto size = std::filesystem::file_size(file(".spool"));
  storage::ChildProcess child([&] {
    ::signal(SIGXFSZ, SIG_IGN);
    // Half of the next entry has room.
    const rlimit limit{size + 100, size + 100};
    ::setrlimit(RLIMIT_FSIZE, &limit);
    auto session = spool.open();
    if (!session) return 1;
    const auto added = session->append({entry(4)});
    return !added && added.error().code == ErrorCode::unavailable ? 0 : 2;
  });
  CHECK(child.wait() == 0);
  CHECK(std::filesystem::file_size(file(".spool")) == size);
  const auto session = ok(spool.open());
  CHECK(session.entries() == std::vector{entry(1), entry(2), entry(3)});
  CHECK(session.damage().lines == 0);
}

TEST_CASE_FIXTURE(
    SpoolFixture,
    "one that another has is waited for, and what was seen meanwhile is kept beside it") {
  auto session = ok(spool.open());
  CHECK(code_of(Spool(folder / "spool", "redis://localhost:6379/0", Millis{20}).open()) ==
        ErrorCode::timeout);
  ok(spool.remember(written(2), at(2)));
  CHECK_FALSE(session.view().state());
  CHECK(ok(spool.peek()).known == written(2));
  ok(spool.remember(written(3), at(3)));
  ok(spool.remember(written(1), at(4)));
  CHECK(ok(spool.peek()).known == written(3));
  CHECK(ok(spool.peek()).seen->now == at(3));
  // Who has the lock, and was late, does not bring an older one back.
  ok(session.remember(written(1), at(5)));
  CHECK(ok(spool.peek()).known == written(3));
  ok(session.remember(written(4), at(6)));
  CHECK(ok(spool.peek()).known == written(4));
  std::thread other([&] { CHECK(spool.open().has_value()); });
  std::this_thread::sleep_for(std::chrono::milliseconds{20});
  { const auto gone = std::move(session); }
  other.join();
}

TEST_CASE_FIXTURE(SpoolFixture, "what was kept beside a lock is forgotten with the rest") {
  {
    const auto session = ok(spool.open());
    ok(spool.remember(entry(5).after, at(5)));
  }
  SUBCASE("as it is") { ok(spool.forget(entry(1).after, at(6))); }
  SUBCASE("where it cannot be read, with the next state") {
    std::ofstream(file(".later")) << "{";
    CHECK(ok(spool.peek()).damage.known);
    ok(spool.remember(entry(1).after, at(6)));
  }
  CHECK(ok(spool.peek()).known == entry(1).after);
  CHECK_FALSE(ok(spool.peek()).damage.any());
}

TEST_CASE_FIXTURE(SpoolFixture, "an emptied spool is damage: what was in it is lost") {
  ok(ok(spool.open()).append({entry(1)}));
  std::filesystem::resize_file(file(".spool"), 0);
  CHECK(ok(spool.peek()).damage.lines == 1);
  CHECK(ok(spool.open()).damage().lines == 1);
  // Set aside, it is told of until a person has removed it.
  CHECK(file(".spool") == "");
  CHECK(ok(spool.peek()).damage.sentence().find("may be lost") != std::string::npos);
  ok(ok(spool.open()).append({entry(1)}));
  CHECK(ok(spool.peek()).entries.size() == 1);
}

/// No file may grow: as on a full disk.
class FullDisk {
 public:
  FullDisk() {
    std::signal(SIGXFSZ, SIG_IGN);
    ::getrlimit(RLIMIT_FSIZE, &before_);
    rlimit none = before_;
    none.rlim_cur = 0;
    ::setrlimit(RLIMIT_FSIZE, &none);
  }
  ~FullDisk() { ::setrlimit(RLIMIT_FSIZE, &before_); }

 private:
  rlimit before_{};
};

TEST_CASE_FIXTURE(SpoolFixture, "a state that could not be kept makes the one before it outdated") {
  ok(spool.remember(entry(1).after, at(1)));
  {
    const FullDisk full;
    // That the same was seen again is no news.
    CHECK_FALSE(spool.remember(entry(1).after, at(1) + std::chrono::hours{1}));
    CHECK_FALSE(ok(spool.peek()).outdated);
    CHECK_FALSE(spool.remember(entry(2).after, at(2)));
  }
  CHECK(ok(spool.peek()).known == entry(1).after);
  CHECK(ok(spool.peek()).outdated);
  CHECK(ok(spool.open()).view().outdated);
  ok(spool.remember(entry(2).after, at(2)));
  CHECK(ok(spool.peek()).known == entry(2).after);
  CHECK_FALSE(ok(spool.peek()).outdated);
}

TEST_CASE_FIXTURE(SpoolFixture, "what was seen and could not be kept is a doubt in an outage") {
  ManualClock clock{at(0)};
  storage::MemoryStorage memory(clock);
  storage::FaultyStorage store(memory, clock);
  FallbackManager host(store, {.spool = std::make_shared<Spool>(folder / "spool", "store")}, clock);
  FallbackManager other(memory, {}, clock);
  ok(host.cascade(kHealthy));
  ok(other.set_mode("heuristic", std::chrono::seconds{1}));
  ok(host.status());
  ok(other.set_mode("safe"));
  {
    const FullDisk full;
    CHECK(ok(host.status()).after.mode == Mode::safe);
  }
  store.inject(storage::Fault::failure());
  clock.advance(std::chrono::seconds{2});
  const Evaluation alone = ok(host.cascade(kHealthy));
  REQUIRE(alone.store.doubts.size() == 1);
  CHECK(alone.store.doubts[0].find("out of date") != std::string::npos);
}

TEST_CASE_FIXTURE(SpoolFixture,
                  "what a process that was killed while it wrote has left is removed") {
  ok(spool.remember(entry(1).after, at(1)));
  add_bytes(file(".known") + ".a1B2c3", "half");
  // Without the lock, so that another one may be writing it now, unless it is old.
  const std::string known = file(".known");
  const std::string later = known.substr(0, known.size() - std::string(".known").size()) + ".later";
  add_bytes(later + ".a1B2c3", "half");
  add_bytes(later + ".d4E5f6", "half");
  const auto now = std::filesystem::file_time_type::clock::now();
  std::filesystem::last_write_time(later + ".a1B2c3", now - std::chrono::hours{2});
  ok(spool.remember(entry(2).after, at(2)));
  CHECK(std::filesystem::exists(later + ".d4E5f6"));
  for (const auto& each : std::filesystem::directory_iterator(folder / "spool")) {
    CHECK(each.path().extension() != ".a1B2c3");
  }
}

TEST_CASE_FIXTURE(SpoolFixture, "many processes append at once: every entry is there, and whole") {
  CHECK(storage::race_processes(8, [&](int child) {
          for (int i = 0; i < 10; ++i) {
            auto session = patient.open();
            if (!session || !session->append({entry(1 + child * 10 + i)})) return 1;
          }
          return 0;
        }) == 8);
  const auto session = ok(spool.open());
  CHECK(session.damage().lines == 0);
  std::vector<bool> seen(81);
  for (const SpoolEntry& each : session.entries()) {
    REQUIRE(each == entry(each.after.epoch));
    CHECK_FALSE(seen[static_cast<std::size_t>(each.after.epoch)]);
    seen[static_cast<std::size_t>(each.after.epoch)] = true;
  }
  CHECK(session.entries().size() == 80);
}

TEST_CASE_FIXTURE(SpoolFixture, "kill -9 at any moment: what was acknowledged is there, in order") {
  std::mt19937 random(1);
  std::int64_t acknowledged = 0;
  for (int round = 0; round < 25; ++round) {
    int pipe[2];
    REQUIRE(::pipe(pipe) == 0);
    const UniqueFd from(pipe[0]);
    UniqueFd to(pipe[1]);
    storage::ChildProcess child([&] {
      for (;;) {
        auto session = spool.open();
        if (!session) return 1;
        const std::int64_t next = session->view().state() ? session->view().state()->epoch + 1 : 1;
        // Now and then the front goes, too, but for the last entry.
        if (next % 16 == 0) {
          const std::vector<SpoolEntry> front(session->entries().begin(),
                                              std::prev(session->entries().end()));
          if (!session->drop_front(front, {}, {})) return 2;
        }
        if (!session->append({entry(next)})) return 3;
        if (::write(to.get(), &next, sizeof next) != sizeof next) return 4;
      }
    });
    to.reset();
    std::int64_t first = 0;
    REQUIRE(::read(from.get(), &first, sizeof first) == sizeof first);
    acknowledged = std::max(acknowledged, first);
    std::this_thread::sleep_for(std::chrono::microseconds{random() % 6000});
    child.kill();
    CHECK(child.wait() == 128 + SIGKILL);
    for (std::int64_t n; ::read(from.get(), &n, sizeof n) == sizeof n;) acknowledged = n;
    const auto session = ok(spool.open());
    REQUIRE_FALSE(session.entries().empty());
    std::int64_t expected = session.entries().front().after.epoch;
    for (const SpoolEntry& each : session.entries()) CHECK(each == entry(expected++));
    CHECK(session.view().state()->epoch >= acknowledged);
    CHECK(session.view().state()->epoch <= acknowledged + 1);
  }
}

}  // namespace
}  // namespace rz::fallback
