// The whole programs against a real Redis that goes away and comes back.

#include <doctest/doctest.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "golden.h"
#include "rz/base/json.h"
#include "rz/base/process.h"
#include "rz/base/text.h"
#include "support/paths.h"
#include "support/patience.h"
#include "support/redis_server.h"
#include "support/results.h"
#include "support/temp_folder.h"

namespace rz::testing {
namespace {

/// A host: a state folder, and a configuration that notes every callback.
struct Host {
  explicit Host(const std::string& url) : url_(url) {
    wait_for_store("60s");
    std::ofstream(folder / "bad.json") << R"({"system":{"failed_components":2}})";
    std::ofstream(folder / "good.json") << R"({"system":{}})";
  }

  /// How long a store that does not answer is waited for: long, on a slow machine, where it will.
  void wait_for_store(const std::string& timeout) const {
    std::ofstream(folder / "rz.yaml")
        << "storage: {timeout: " << timeout << ", deadline: " << timeout << ", max_retries: 0}\n"
        << "fallback: {policy: {resources_critical: false}, "
           "callbacks: {safe: {command: [/bin/sh, -c, 'echo safe >> "
        << folder / "notes"
        << "']}}}\n";
  }

  ProcessResult rz(const std::string& arguments) const {
    ProcessOptions options;
    options.timeout = test::kPatience;
    options.argv = {"/bin/sh", "-c",
                    "cd '" + folder.path() + "' && exec env -i PATH=/usr/bin:/bin " +
                        "ASAN_OPTIONS=detect_leaks=0 XDG_STATE_HOME='" + folder.path() +
                        "' RZ_CONFIG=rz.yaml RZ_STORAGE_URL=" + url_ + " " + test::build_dir() +
                        "/bin/rz " + arguments};
    const auto ran = run_process(options);
    REQUIRE_MESSAGE(ran.has_value(), to_string(ran.error()));
    REQUIRE_FALSE(ran->timed_out);
    return *ran;
  }

  std::string notes() const {
    std::ifstream file(folder / "notes");
    return {std::istreambuf_iterator<char>(file), {}};
  }
  bool has_spool() const {
    for (const auto& each : std::filesystem::directory_iterator(folder / "rz/spool")) {
      if (each.path().extension() == ".spool") return true;
    }
    return false;
  }

  TempFolder folder;

 private:
  std::string url_;
};

std::size_t lines_of(const std::string& text) {
  return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
}

TEST_CASE("a Redis that goes away and comes back: decided once, told once, recorded once") {
  test::RedisServer server({.config = {"appendonly yes", "appendfsync always"}});
  const Host host(server.url());
  const Host stranger(server.url());
  REQUIRE(host.rz("cascade --state good.json").exit_code == 0);
  server.kill();

  const ProcessResult unknown = stranger.rz("cascade --state good.json");
  CHECK(unknown.exit_code == 3);
  CHECK(unknown.output == "");
  CHECK(unknown.error.find("this host has never known the mode") != std::string::npos);

  // Many at once see the same.
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] {
      const ProcessResult down = host.rz("cascade --state bad.json --exit-code");
      CHECK(down.exit_code == 2);
      CHECK(down.error.find("cannot connect") != std::string::npos);
      CHECK(down.error.find("1 transition waits for the store") != std::string::npos);
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(host.notes() == "safe\n");

  const ProcessResult quiet = host.rz("cascade status -q --exit-code");
  CHECK(quiet.exit_code == 2);
  CHECK(quiet.output + quiet.error == "");
  const ProcessResult status = host.rz("cascade status --format json --exit-code");
  CHECK(status.exit_code == 2);
  const Value shown = *parse_json(status.output);
  CHECK(*shown.find("mode")->as_string() == "safe");
  CHECK(*shown.find("offline")->as_bool());
  CHECK(*shown.find("spooled")->as_int() == 1);
  // The checks cannot reach the store either; that is no reason to recover.
  CHECK(host.rz("cascade --exit-code").exit_code == 2);
  CHECK(host.rz("transitions").exit_code == 3);

  server.start();
  const ProcessResult back = host.rz("cascade --state bad.json --exit-code");
  CHECK(back.exit_code == 2);
  CHECK(
      back.error ==
      "rz cascade: warning: the store is back: 1 transition decided without it is now recorded\n");
  CHECK_FALSE(host.has_spool());
  CHECK(host.notes() == "safe\n");
  const ProcessResult log = stranger.rz("transitions --format ndjson");
  CHECK(lines_of(log.output) == 1);
  CHECK(*parse_json(trim(log.output))->find("epoch")->as_int() == 1);
  CHECK(stranger.rz("cascade status --exit-code").exit_code == 2);
}

TEST_CASE("a Redis that takes connections and never answers holds up nobody beyond its deadline") {
  test::RedisServer server({.config = {"appendonly yes", "appendfsync always"}});
  const Host host(server.url());
  REQUIRE(host.rz("cascade --state good.json").exit_code == 0);
  server.pause();
  host.wait_for_store("500ms");
  REQUIRE(host.rz("cascade --state bad.json --exit-code").exit_code == 2);
  // Something waits already, so each of these would like to bring it back first.
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] {
      const ProcessResult down = host.rz("cascade --state bad.json --exit-code");
      CHECK_MESSAGE(down.exit_code == 2, down.error);
    });
  }
  for (std::thread& thread : threads) thread.join();
  server.resume();
  host.wait_for_store("60s");
  CHECK(host.rz("cascade --state bad.json --exit-code").exit_code == 2);
  CHECK(host.notes() == "safe\n");
  CHECK(lines_of(host.rz("transitions --format ndjson").output) == 1);
}

TEST_CASE("a replica that has never seen its master is away, for who only looks as well") {
  const test::RedisServer replica({.config = {"replicaof 127.0.0.1 1"}});
  const Host host(replica.url());
  for (int i = 0; i < 2; ++i) {
    CHECK(host.rz("cascade status --require primary").exit_code == 3);
    CHECK(host.rz("cascade --state good.json --exit-code").exit_code == 3);
  }
}

TEST_CASE("'rz transitions' brings the spool back, too, so that the history is whole") {
  test::RedisServer server({.config = {"appendonly yes", "appendfsync always"}});
  const Host host(server.url());
  REQUIRE(host.rz("cascade --state good.json").exit_code == 0);
  server.kill();
  REQUIRE(host.rz("cascade --state bad.json").exit_code == 0);
  server.start();
  const ProcessResult log = host.rz("transitions --format ndjson");
  CHECK(log.exit_code == 0);
  CHECK(lines_of(log.output) == 1);
  CHECK(log.error.find("the store is back") != std::string::npos);
}

/// Cascades one after the other, each of which calls for the opposite of the one before.
class Stream {
 public:
  explicit Stream(const Host& host) : thread_([this, &host] { run(host); }) {}
  ~Stream() { finish(); }

  /// Waits until so many more runs have ended, however long they take.
  void await_runs(int runs) {
    for (int end = ended_ + runs, now = ended_; now < end; now = ended_) ended_.wait(now);
  }

  /// The times of the transitions that were acknowledged.
  std::vector<std::string> finish() {
    over_ = true;
    if (thread_.joinable()) thread_.join();
    return changed_;
  }

 private:
  void run(const Host& host) {
    for (int i = 0; !over_; ++i) {
      const ProcessResult ran = host.rz(std::string("cascade --format json --state ") +
                                        (i % 2 ? "good" : "bad") + ".json");
      CHECK_MESSAGE(ran.exit_code == 0, ran.error);
      const auto document = parse_json(ran.output);
      if (document && *document->find("changed")->as_bool()) {
        changed_.push_back(*document->find("since")->as_string());
      }
      ++ended_;
      ended_.notify_all();
    }
  }

  std::atomic<bool> over_ = false;
  std::atomic<int> ended_ = 0;
  std::vector<std::string> changed_;
  std::thread thread_;
};

TEST_CASE("a Redis that is killed and restarted under a stream of cascades loses nothing") {
  test::RedisServer server({.config = {"appendonly yes", "appendfsync always"}});
  const Host host(server.url());
  REQUIRE(host.rz("cascade --state good.json").exit_code == 0);
  Stream stream(host);
  // RZ_OUTAGES=100 for a drill.
  const char* outages = std::getenv("RZ_OUTAGES");
  const int rounds = outages != nullptr ? std::stoi(outages) : 3;
  for (int i = 0; i < rounds; ++i) {
    stream.await_runs(2);
    server.kill();
    stream.await_runs(2);
    server.start();
  }
  stream.await_runs(2);
  const std::vector<std::string> changed = stream.finish();

  const ProcessResult log = host.rz("transitions --format ndjson");
  std::map<std::string, int> found;
  std::int64_t epoch = 0;
  for (const std::string_view line : split(trim(log.output), '\n')) {
    const Value record = *parse_json(line);
    ++found[*record.find("timestamp")->as_string()];
    CHECK(*record.find("epoch")->as_int() == ++epoch);
  }
  MESSAGE(rounds << " outages: " << changed.size() << " acknowledged, " << found.size()
                 << " found");
  // Two in each spell with the store and without it, however long they take.
  CHECK(changed.size() >= 4 * static_cast<std::size_t>(rounds) + 2);
  CHECK(found.size() == changed.size());
  for (const std::string& since : changed) CHECK_MESSAGE(found[since] == 1, since);
}

TEST_CASE(
    "a record that is damaged does not keep the mode from getting worse, only from recovery") {
  const test::RedisServer server;
  const Host host(server.url());
  std::ofstream(host.folder / "rz.yaml", std::ios::app)
      << "health: {checks: [{type: disk, path: /, warning: 99.9%, critical: 100%}]}\n";
  REQUIRE(host.rz("health report a failed").exit_code == 0);
  REQUIRE(host.rz("health report b healthy").exit_code == 0);
  REQUIRE(host.rz("health report c failed").exit_code == 0);
  server.command({"SET", "health:component:b", "{\"half"});
  // A gate is not told that all is well, a cron job has its decision.
  REQUIRE(host.rz("health report c healthy").exit_code == 0);
  CHECK(host.rz("cascade --exit-code").exit_code == 3);
  CHECK(host.rz("cascade").exit_code == 0);
  REQUIRE(host.rz("health report c failed").exit_code == 0);
  const ProcessResult worse = host.rz("cascade --exit-code");
  CHECK(worse.exit_code == 2);
  CHECK(worse.error.find("warning: health:component:b: the stored record is not a JSON object") !=
        std::string::npos);
  REQUIRE(host.rz("health report a healthy").exit_code == 0);
  REQUIRE(host.rz("health report c healthy").exit_code == 0);
  const ProcessResult held = host.rz("cascade --exit-code");
  CHECK(held.exit_code == 2);
  CHECK(held.output.find("recovery waits for the store") != std::string::npos);
  const ProcessResult state = host.rz("health state");
  CHECK(state.exit_code == 3);
  CHECK(ok(parse_json(state.output)).find("components")->as_object()->size() == 2);
  // Another type is as bad, and not the same as nothing.
  for (const char* key : {"health:component:b", "health:retry:failures", "health:breaker:db"}) {
    REQUIRE(host.rz("health record failure --breaker db").exit_code == 0);
    server.command({"DEL", key});
    server.command({"LPUSH", key, "x"});
    const ProcessResult damaged = host.rz("cascade --exit-code");
    INFO(key << ": " << damaged.output << damaged.error);
    CHECK((damaged.exit_code == 3 || damaged.exit_code == 2));
    CHECK(damaged.error.find(key) != std::string::npos);
    server.command({"DEL", key});
  }
  CHECK(host.rz("cascade --exit-code").exit_code == 0);
}

TEST_CASE("a host that cannot keep what it sees says so once the store is away") {
  if (::geteuid() != 0) return;  // Nobody else may mount.
  test::RedisServer server;
  const Host host(server.url());
  std::ofstream(host.folder / "mounted")
      << "set -e\nmount -t tmpfs -o size=1m none \"$XDG_STATE_HOME\"\n"
         "rz cascade --state good.json\nmount -o remount,ro \"$XDG_STATE_HOME\"\n"
         "kill -STOP \"$1\"\n"
         "rz cascade status --require primary --deadline 1s || echo \"status $?\"\n"
         "rz cascade --state good.json --exit-code --deadline 1s || echo \"evaluation $?\"\n"
         "kill -CONT \"$1\"\n";
  ProcessOptions options;
  options.timeout = test::kPatience;
  std::filesystem::create_directory(host.folder / "state");
  options.argv = {"/usr/bin/env",
                  "-i",
                  std::string("PATH=") + test::build_dir() + "/bin:/usr/bin:/bin:/sbin",
                  "ASAN_OPTIONS=detect_leaks=0",
                  "XDG_STATE_HOME=" + (host.folder / "state"),
                  "RZ_CONFIG=" + (host.folder / "rz.yaml"),
                  "RZ_STORAGE_URL=" + server.url(),
                  "unshare",
                  "-m",
                  "/bin/sh",
                  "-c",
                  "cd '" + host.folder.path() + "' && . ./mounted",
                  "sh",
                  std::to_string(server.pid())};
  const auto ran = run_process(options);
  server.resume();
  REQUIRE(ran.has_value());
  INFO(ran->output << ran->error);
  if (ran->error.find("unshare") != std::string::npos) return;  // Not in this container.
  CHECK(ran->output.find("status 3") != std::string::npos);
  CHECK(ran->output.find("evaluation 3") != std::string::npos);
  CHECK(ran->error.find("it cannot keep what it sees in the store") != std::string::npos);
}

TEST_CASE("a store that is there and cannot serve is a mistake, and no outage") {
  const TempFolder place;
  const Host host("sqlite:" + (place / "rz.db"));
  REQUIRE(host.rz("cascade --state good.json").exit_code == 0);
  std::filesystem::remove(place / "rz.db");
  std::filesystem::create_directory(place / "rz.db");
  const ProcessResult wrong = host.rz("cascade --state bad.json --exit-code");
  CHECK(wrong.exit_code == 3);
  CHECK(wrong.error.find("is a folder; name a file in it") != std::string::npos);
  CHECK(wrong.output.empty());
  // The checks have an answer all the same.
  const ProcessResult health = host.rz("health");
  CHECK(health.exit_code != 3);
  CHECK(health.output.find("is a folder") != std::string::npos);
}

TEST_CASE("an SQLite file that cannot be opened is an outage as well") {
  const TempFolder place;
  const Host host("sqlite:" + (place / "db/rz.db"));
  REQUIRE(host.rz("cascade --state good.json").exit_code == 0);
  std::filesystem::rename(place / "db", place / "away");
  std::ofstream(place / "db") << "no folder";
  const ProcessResult down = host.rz("cascade --state bad.json --exit-code");
  CHECK(down.exit_code == 2);
  CHECK(down.error.find("/db: cannot make the folder") != std::string::npos);
  std::filesystem::remove(place / "db");
  std::filesystem::rename(place / "away", place / "db");
  CHECK(lines_of(host.rz("transitions --format ndjson").output) == 1);
}

TEST_CASE("a user who forgets is believed by one who had seen more") {
  TempFolder home;
  const auto rz = [&](const std::string& user, const std::string& command) {
    return run_step("env XDG_STATE_HOME=" + home.path() + "/" + user +
                        " RZ_STORAGE_URL=sqlite:" + home.path() + "/store.db rz " + command,
                    home.path());
  };
  for (const char* user : {"service", "root"}) std::filesystem::create_directory(home / user);
  CHECK(rz("service", "cascade set safe --for 1h").exit_code == 0);
  for (const char* ending : {"", "-wal", "-shm"}) {
    std::filesystem::remove(home.path() + "/store.db" + ending);
  }
  CHECK(rz("root", "cascade forget").exit_code == 0);
  const GoldenStep first = rz("service", "cascade status --require primary");
  CHECK(first.exit_code == 3);
  CHECK((first.output + first.error).find("the store was begun anew by ") != std::string::npos);
  const GoldenStep second = rz("service", "cascade status --require primary");
  INFO(second.error);
  CHECK(second.exit_code == 0);
}

}  // namespace
}  // namespace rz::testing
