// rz transitions --follow: whole programs that are killed, and stores that go away.

#include <doctest/doctest.h>
#include <signal.h>
#include <sys/wait.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <fstream>
#include <iterator>
#include <memory>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "rz/base/process.h"
#include "rz/base/text.h"
#include "rz/fallback/history/transition_log.h"
#include "rz/storage/open_storage.h"
#include "support/paths.h"
#include "support/patience.h"
#include "support/redis_groups.h"
#include "support/redis_server.h"
#include "support/results.h"
#include "support/server_process.h"
#include "support/temp_folder.h"

namespace rz::testing {
namespace {

using test::RedisServer;
using test::ServerProcess;

constexpr Millis kWeek{std::chrono::hours{24 * 7}};

/// A folder with what followers of a store write: the records in `out`, what they say in `said`.
class FollowedStore {
 public:
  explicit FollowedStore(std::string url) : url_(std::move(url)) {}

  std::string sqlite_url() const { return "sqlite:" + folder / "rz.db"; }

  /// A follower, until the object is destroyed.
  std::unique_ptr<ServerProcess> follow(const std::string& options) const {
    return std::make_unique<ServerProcess>(
        std::vector<std::string>{"/bin/sh", "-c",
                                 command("transitions --follow " + options) + " >> out"},
        folder / "said");
  }

  std::string rz(const std::string& arguments, const std::string& pipe = {}) const {
    ProcessOptions options;
    options.timeout = test::kPatience;
    options.argv = {"/bin/sh", "-c", command(arguments) + pipe};
    const auto ran = run_process(options);
    REQUIRE_MESSAGE(ran.has_value(), to_string(ran.error()));
    REQUIRE_FALSE(ran->timed_out);
    CHECK_MESSAGE(ran->exit_code == 0, ran->error);
    return ran->output;
  }

  /// Adds a record of so many seconds after 2026. From any thread.
  static bool add(Storage& storage, std::int64_t second, const std::string& reason) {
    const TimePoint time =
        std::chrono::sys_days{std::chrono::year{2026} / 1 / 1} + std::chrono::seconds{second};
    Batch batch;
    // A failover may lose what the replicas do not have.
    batch.replicated = true;
    fallback::TransitionLog(storage, kWeek)
        .append(batch, {time, Mode::primary, Mode::safe, reason, "evaluation", "ops", "h", second});
    const auto done = storage.commit(batch);
    return done && *done == Commit::done;
  }

  std::string out() const { return read("out"); }
  std::string said() const { return read("said"); }

  /// Waits until `out` has `count` lines; what it has then.
  std::vector<std::string> wait_for_lines(std::size_t count) const {
    const auto give_up = std::chrono::steady_clock::now() + test::kPatience;
    while (lines().size() < count && std::chrono::steady_clock::now() < give_up) {
      std::this_thread::sleep_for(Millis{10});
    }
    return lines();
  }

  void wait_until_said(const std::string& words) const {
    const auto give_up = std::chrono::steady_clock::now() + test::kPatience;
    while (said().find(words) == std::string::npos && std::chrono::steady_clock::now() < give_up) {
      std::this_thread::sleep_for(Millis{10});
    }
    CHECK_MESSAGE(said().find(words) != std::string::npos, said());
  }

  std::vector<std::string> lines() const { return lines_of(out()); }

  static std::vector<std::string> lines_of(const std::string& text) {
    std::vector<std::string> lines;
    for (const std::string_view line : split(text, '\n')) {
      if (!line.empty()) lines.emplace_back(line);
    }
    return lines;
  }

  const TempFolder folder;

 private:
  std::string command(const std::string& arguments) const {
    const std::string url = url_.empty() ? sqlite_url() : url_;
    return "cd '" + folder.path() + "' && exec env -i PATH=/usr/bin:/bin TZ=UTC " +
           "ASAN_OPTIONS=detect_leaks=0 XDG_STATE_HOME='" + folder.path() + "' XDG_CONFIG_HOME='" +
           folder.path() + "' " + test::build_dir() + "/bin/rz " + arguments + " --storage '" +
           url + "'";
  }

  std::string read(const std::string& name) const {
    std::ifstream file(folder / name, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }

  const std::string url_;
};

/// Two writers at once, of which one is an hour behind, while followers are killed again and again.
void check_killed_followers(const FollowedStore& store, const std::string& url) {
  constexpr std::int64_t kRecords = 150;
  constexpr int kKills = 15;
  std::atomic<int> kills{0};
  std::atomic<int> written{0};
  const auto write = [&](std::int64_t offset, const std::string& name) {
    // However long the others keep the store.
    const auto storage =
        open_storage({.url = url, .timeout = test::kPatience, .deadline = test::kPatience});
    for (std::int64_t i = 0; storage && i < kRecords; ++i) {
      // At the pace of the kills, so that they meet records on their way.
      while (kills * kRecords < i * kKills) std::this_thread::sleep_for(Millis{2});
      written += FollowedStore::add(**storage, offset + i, name + std::to_string(i)) ? 1 : 0;
    }
  };
  const auto first = open_storage({.url = url});
  REQUIRE(first.has_value());
  REQUIRE(store.add(**first, 0, "first"));
  std::thread one(write, 10'000, "one");
  std::thread other(write, 13'600, "other");
  std::mt19937 random(7);
  const std::string options = "--format ndjson --cursor-file cursor";
  for (; kills < kKills; ++kills) {
    const std::size_t before = store.lines().size();
    const auto follower = store.follow(options);
    const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds{20};
    while (store.lines().size() == before && std::chrono::steady_clock::now() < give_up &&
           follower->is_running()) {
      std::this_thread::sleep_for(Millis{1});
    }
    std::this_thread::sleep_for(Micros{random() % 3000});
    CHECK_MESSAGE(follower->is_running(), store.said());
    follower->stop(SIGKILL);
  }
  one.join();
  other.join();
  REQUIRE(written == 2 * kRecords);
  const auto follower = store.follow(options);
  std::vector<std::string> followed = store.wait_for_lines(2 * kRecords + 1);
  follower->stop();
  auto log = FollowedStore::lines_of(store.rz("transitions --format ndjson"));
  REQUIRE(log.size() == 2 * kRecords + 1);
  std::sort(followed.begin(), followed.end());
  std::sort(log.begin(), log.end());
  CHECK(followed == log);
}

TEST_CASE("a follower that is killed at any time loses and repeats nothing (SQLite)") {
  const FollowedStore store("");
  check_killed_followers(store, store.sqlite_url());
}

TEST_CASE("a follower that is killed at any time loses and repeats nothing (Redis)") {
  const RedisServer server;
  const FollowedStore store(server.url());
  check_killed_followers(store, server.url());
}

TEST_CASE("a follower goes on when a server was started again") {
  RedisServer server({.config = {"appendonly yes", "appendfsync always"}});
  const FollowedStore store(server.url());
  const auto storage = ok(open_storage({.url = server.url()}));
  REQUIRE(store.add(*storage, 1, "before"));
  const auto follower = store.follow("--format csv");
  CHECK(store.wait_for_lines(2).size() == 2);
  server.kill();
  store.wait_until_said("waiting for the store");
  server.start();
  store.wait_until_said("the store answers again");
  REQUIRE(store.add(*storage, 2, "after"));
  const auto lines = store.wait_for_lines(3);
  REQUIRE(lines.size() == 3);
  CHECK(lines[0] == "timestamp,from,to,reason,trigger,actor,host,epoch\r");
  CHECK(lines[2] == "2026-01-01T00:00:02.000000Z,primary,safe,after,evaluation,ops,h,2\r");
}

TEST_CASE("a follower goes on behind a failover") {
  test::SentinelGroup group(1);
  const FollowedStore store(group.url());
  group.wait_for_replicas(1);
  const auto storage = ok(open_storage({.url = group.url()}));
  REQUIRE(store.add(*storage, 1, "before"));
  const auto follower = store.follow("--format ndjson --cursor-file cursor");
  CHECK(store.wait_for_lines(1).size() == 1);
  group.fail_over();
  group.wait_for_replicas(1);
  // A connection from before may lead to the old master for a while, whose writes are lost.
  REQUIRE(store.add(*ok(open_storage({.url = group.url()})), 2, "after"));
  const auto lines = store.wait_for_lines(2);
  const auto log = FollowedStore::lines_of(store.rz("transitions --format ndjson"));
  CAPTURE(store.out());
  CAPTURE(store.said());
  CHECK(join(lines, "\n") == join(log, "\n"));
}

TEST_CASE("a table that is followed stays a table, and begins with what was asked for") {
  const FollowedStore store("");
  const auto storage = ok(open_storage({.url = store.sqlite_url()}));
  for (std::int64_t i = 1; i <= 5; ++i) {
    REQUIRE(store.add(*storage, i, "r" + std::to_string(i)));
  }
  {
    const auto follower = store.follow("--limit 2 --cursor-file cursor");
    CHECK(store.wait_for_lines(3).size() == 3);
    REQUIRE(store.add(*storage, 6, "r6"));
    store.wait_for_lines(4);
  }
  // The next one goes on, without titles and without a limit.
  for (std::int64_t i = 7; i <= 9; ++i) {
    REQUIRE(store.add(*storage, i, "r" + std::to_string(i)));
  }
  const auto follower = store.follow("--limit 2 --cursor-file cursor");
  store.wait_for_lines(7);
  CHECK(store.out() ==
        "TIME                         FROM       TO         REASON\n"
        "2026-01-01T00:00:04.000000Z  primary    safe       r4\n"
        "2026-01-01T00:00:05.000000Z  primary    safe       r5\n"
        "2026-01-01T00:00:06.000000Z  primary    safe       r6\n"
        "2026-01-01T00:00:07.000000Z  primary    safe       r7\n"
        "2026-01-01T00:00:08.000000Z  primary    safe       r8\n"
        "2026-01-01T00:00:09.000000Z  primary    safe       r9\n");
}

TEST_CASE("a follower shows what matches alone, and ends when it is told to") {
  const FollowedStore store("");
  const auto storage = ok(open_storage({.url = store.sqlite_url()}));
  REQUIRE(store.add(*storage, 1, "disk"));
  REQUIRE(store.add(*storage, 2, "net"));
  const auto follower = store.follow("--format ndjson --reason DISK");
  store.wait_for_lines(1);
  REQUIRE(store.add(*storage, 3, "net"));
  REQUIRE(store.add(*storage, 4, "disk"));
  const auto lines = store.wait_for_lines(2);
  REQUIRE(lines.size() == 2);
  CHECK(lines[0].find("\"disk\"") != std::string::npos);
  CHECK(lines[1].find("00:00:04") != std::string::npos);
  follower->stop(SIGTERM);
  CHECK(WEXITSTATUS(follower->wait_status()) == 128 + SIGTERM);
  CHECK(store.said().empty());
}

TEST_CASE("a follower whose reader has gone ends") {
  const FollowedStore store("");
  const auto storage = ok(open_storage({.url = store.sqlite_url()}));
  REQUIRE(store.add(*storage, 1, "one"));
  // A pipeline ends with its last program, so the follower is waited for.
  const std::string first = store.rz("transitions --follow --format ndjson", " | head -n 1");
  CHECK(first.find("\"one\"") != std::string::npos);
}

}  // namespace
}  // namespace rz::testing
