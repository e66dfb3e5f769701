// Bad input that is too large, too strange or too much in need of a server for a golden file.
// Whatever it is: a message on stderr, 3, nothing on stdout, nothing half-written, no crash.

#include <doctest/doctest.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "golden.h"
#include "rz/base/text.h"
#include "rz/storage/open_storage.h"
#include "support/redis_server.h"
#include "support/temp_folder.h"

namespace rz::testing {
namespace {

const std::vector<std::string> kAnswers = {"health",
                                           "health list",
                                           "health state",
                                           "health report w failed --format json",
                                           "cascade",
                                           "cascade status",
                                           "cascade metrics",
                                           "cascade set heuristic",
                                           "cascade release",
                                           "transitions",
                                           "transitions --format json",
                                           "transitions --format csv",
                                           "transitions --format ndjson",
                                           "cond eval always",
                                           "cond check always",
                                           "config show",
                                           "config check",
                                           "bench --list -q",
                                           "--help",
                                           "--version",
                                           "health --help",
                                           "cond --version"};

/// `part`: whether it prints all the same what it can tell.
std::string error_of(const std::string& command, const TempFolder& folder, bool part = false) {
  INFO("$ " << command);
  const GoldenStep step = run_step(command, folder.path());
  CHECK(step.exit_code == 3);
  // A command that writes JSON alone tells the failure in JSON, too.
  const bool failure = step.output.find("\"error\":{\"code\":") != std::string::npos;
  CHECK((step.output.empty() || failure) != part);
  CHECK(step.error.size() < 20'000);
  CHECK(std::all_of(step.error.begin(), step.error.end(), [](char c) {
    return c == '\n' || (static_cast<unsigned char>(c) >= 0x20 && c != 0x7f);
  }));
  CHECK(!find_invalid_utf8(step.error));
  return step.error;
}

}  // namespace

TEST_CASE("an answer that cannot be written is not an answer") {
  const TempFolder folder;
  for (const std::string& command : kAnswers) {
    const std::string error = error_of("rz " + command + " >/dev/full", folder);
    CHECK(error.ends_with(": standard output: No space left on device\n"));
  }
}

TEST_CASE("a reader that has gone ends a command quietly, as the signal would") {
  const TempFolder folder;
  for (const std::string& command : kAnswers) {
    INFO(command);
    // Descriptor 4 is a pipe's end whose other end, 3, is closed before the first byte.
    const GoldenStep step =
        run_step("mkfifo gone; exec 3<>gone 4>gone 3<&-; rz " + command + " >&4; echo $?; rm gone",
                 folder.path());
    CHECK(step.output == "141\n");
    CHECK(step.error == "");
  }
}

TEST_CASE("a configuration of 100 MB in one line is turned away in little memory") {
  const TempFolder folder;
  // 200 MB of address space: most of it the libraries', nothing near the file.
  const std::string small = "ulimit -v 200000; ";
#if defined(RZ_SANITIZED)
  const std::string limit;
#else
  const std::string limit = small;
#endif
  std::ofstream(folder / "big.yaml") << "storage: " << std::string(100'000'000, 'x');
  for (const char* command : {"health", "health list", "cascade", "cascade status",
                              "cond eval always", "transitions", "bench --list", "config show"}) {
    const std::string error = error_of(limit + "rz " + command + " --config big.yaml", folder);
    const std::string program = std::string(command).substr(0, std::string(command).find(' '));
    CHECK(error == "rz " + program + ": big.yaml: is larger than 1.0 MiB\n");
  }
  for (const char* command :
       {"cascade --state big.yaml", "cascade --state - <big.yaml", "cascade detect big.yaml"}) {
    const std::string error = error_of(limit + "rz " + command, folder);
    CHECK(error.ends_with(": is larger than 8.0 MiB\n"));
  }
  error_of("rz cond check --file big.yaml", folder);
}

TEST_CASE("text that is as large as may be, and as nested, is told in few words") {
  const TempFolder folder;
  const std::string megabyte(1'000'000, '[');
  std::ofstream(folder / "deep.json") << megabyte;
  std::ofstream(folder / "deep.yaml") << "a: " << megabyte;
  std::ofstream(folder / "wide.yaml") << "a: \"" << megabyte;
  std::ofstream(folder / "keys.yaml") << [] {
    std::string text;
    for (int i = 0; i < 80'000; ++i) text += "k" + std::to_string(i) + ": 1\n";
    return text;
  }();
  for (const char* file : {"deep.json", "deep.yaml", "wide.yaml"}) {
    for (const char* command :
         {"config check ", "cascade --state ", "cascade detect ", "cond eval always --context "}) {
      const std::string error = error_of(std::string("rz ") + command + file, folder);
      CHECK(error.find(std::string(file) + ":1:") != std::string::npos);
      CHECK(error.size() < 500);
    }
  }
  const GoldenStep keys = run_step("rz config check keys.yaml 2>&1 | tail -n 1", folder.path());
  CHECK(keys.output == "rz config: … and 79900 more\n");
}

TEST_CASE("a condition or a value as long as the command line may be is quoted in part") {
  const TempFolder folder;
  std::ofstream(folder / "long") << std::string(100'000, 'x');
  std::ofstream(folder / "open") << std::string(100'000, '(');
  for (const char* command :
       {"cond eval \"$(cat long)\"", "cond eval \"$(cat open)\"", "cond check --file open",
        "cond eval 'severity > 1' --var \"severity=$(cat long)\"",
        "cond eval 'severity > 1' --var \"$(cat long)=1\"", "cascade set \"$(cat long)\"",
        "cascade \"$(cat long)\"", "health \"$(cat long)\"", "--\"$(cat long)\"",
        "transitions --since \"$(cat long)\"", "cascade status --storage \"$(cat long)\""}) {
    error_of(std::string("rz ") + command, folder);
  }
}

TEST_CASE("bytes that are not UTF-8 are shown, never sent") {
  const TempFolder folder;
  std::ofstream(folder / "bad") << "\xff\x1b[2J";
  const std::string given = "B=$(cat bad); ";
  for (const char* command :
       {"cond eval \"$B\"", "cond eval always --var \"$B=1\"", "cond eval always --var severity=$B",
        "cond eval always --context bad", "cond check --file bad", "cascade \"$B\"",
        "cascade set \"$B\"", "cascade --state bad", "cascade detect bad", "cascade --config $B",
        "cascade --storage $B", "cascade --$B", "health \"$B\"", "health report w \"$B\"",
        "transitions --since $B", "transitions --format $B", "bench --filter $B", "config $B",
        "config check bad"}) {
    error_of(given + "rz " + command, folder);
  }
  for (const char* variable : {"RZ_CONFIG", "RZ_STORAGE_URL"}) {
    error_of(given + variable + "=$B rz cascade status", folder);
  }
  // Where they are data, JSON stays JSON and text stays text.
  const std::string set = given + "rz cascade set safe --reason \"$B\" --format json";
  CHECK(run_step(set, folder.path()).output.find("\"reason\":\"\xef\xbf\xbd\\u001b[2J\"") !=
        std::string::npos);
  const GoldenStep status = run_step("rz cascade status; rz transitions", folder.path());
  CHECK(status.exit_code == 0);
  CHECK(status.output.find('\x1b') == std::string::npos);
  const std::string surroundings = "USER=$B TERM=$B COLUMNS=$B LC_ALL=$B NO_COLOR=$B ";
  CHECK(run_step(given + surroundings + "rz cascade status", folder.path()).exit_code == 0);
}

TEST_CASE("a disk that is full leaves no half of a file behind") {
  const TempFolder folder;
  // No file may grow past one block of 512 bytes.
  const std::string full = "ulimit -f 1; ";
  const std::string error = error_of(full + "rz cascade set safe --storage sqlite:a.db", folder);
  CHECK(error.starts_with("rz cascade: sqlite:a.db: "));
  CHECK(run_step("rz cascade status --storage sqlite:a.db", folder.path())
            .output.starts_with("primary\n"));

  // A gate does not take what could be kept nowhere for nothing.
  REQUIRE(run_step("rz cascade set primary --storage sqlite:a.db", folder.path()).exit_code == 0);
  const std::string empty = "ulimit -f 0; ";
  const std::string bad = "echo '{\"system\": {\"failed_components\": 2}}' | ";
  CHECK(run_step("rz cascade release --storage sqlite:a.db", folder.path()).exit_code == 0);
  CHECK(run_step(bad + "(" + empty + "rz cascade --state - --exit-code --storage sqlite:a.db)",
                 folder.path())
            .exit_code == 2);
  CHECK(run_step(empty + "rz cascade status --require primary --storage sqlite:a.db", folder.path())
            .exit_code != 0);

  std::ofstream(folder / "rz.yaml") << "storage: {url: \"memory:\"}\n"
                                       "health: {metrics: [{type: prometheus, path: rz.prom}]}\n";
  std::ofstream(folder / "rz.prom") << "before\n";
  // The store alone: how full this machine's own disk is, is no matter of this test.
  const GoldenStep health = run_step(full + "rz health store --config rz.yaml", folder.path());
  CHECK(health.exit_code == 0);
  CHECK(health.error == "rz health: warning: metrics: rz.prom: cannot write: File too large\n");
  CHECK(run_step("cat rz.prom; ls", folder.path()).output.starts_with("before\na.db\n"));
  CHECK(run_step("ls | grep prom", folder.path()).output == "rz.prom\n");
}

TEST_CASE("a stored record that is none is named, with a way out") {
  const TempFolder folder;
  const auto put = [&](std::string_view key, std::string_view value) {
    const auto storage = open_storage({.url = "sqlite:" + (folder / ".local/state/rz/rz.db")});
    REQUIRE(storage.has_value());
    REQUIRE((*storage)->set(key, value).has_value());
  };
  REQUIRE(run_step("rz health report w failed", folder.path()).exit_code == 0);
  struct Record {
    std::string key;
    std::vector<std::string> refused;  ///< By these commands.
    std::vector<std::string> told_in_part;
  };
  // Whatever else this machine does: its load is no reason to be safe.
  std::ofstream(folder / "calm.yaml") << "health: {checks: [{type: store}]}\n"
                                         "fallback: {policy: {resources_critical: false}}\n";
  const std::vector<std::string> in_part = {"health state",
                                            "cascade --exit-code --config calm.yaml"};
  const std::vector<Record> records = {
      {"fallback:state",
       {"cascade --config calm.yaml", "cascade status", "cascade set safe", "health state"},
       {}},
      {"health:component:w", {"health report w healthy"}, in_part},
      {"health:breaker:default", {"health record failure"}, in_part},
      {"health:started_at", {}, in_part}};
  for (const auto& [key, refused, told_in_part] : records) {
    for (const std::string_view value : {"\xff\xfe", "", "{", "[]", "12\x1b[2J"}) {
      put(key, value);
      std::vector<std::string> errors;
      for (const std::string& command : refused)
        errors.push_back(error_of("rz " + command, folder));
      for (const std::string& command : told_in_part) {
        errors.push_back(error_of("rz " + command, folder, true));
      }
      for (const std::string& error : errors) {
        CHECK(error.find(key) != std::string::npos);
        CHECK(error.find("remove") != std::string::npos);
      }
    }
    const auto storage = open_storage({.url = "sqlite:" + (folder / ".local/state/rz/rz.db")});
    REQUIRE((*storage)->remove(key).has_value());
  }
}

TEST_CASE("a Redis that wants another password says so to every command, and shows none") {
  const test::RedisServer server({.password = "open-sesame"});
  const TempFolder folder;
  const std::string place = "redis://127.0.0.1:" + std::to_string(server.port()) + "/0: ";
  for (const char* command : {"health state", "health report w healthy", "health record failure",
                              "cascade", "cascade status", "cascade set safe", "transitions"}) {
    const std::string wrong =
        error_of(std::string("rz ") + command + " --storage " + server.url(":hunter2"), folder);
    CHECK(wrong.find(place + "the user name or the password is wrong") != std::string::npos);
    CHECK(wrong.find("hunter2") == std::string::npos);
    const std::string none =
        error_of(std::string("rz ") + command +
                     " --storage redis://127.0.0.1:" + std::to_string(server.port()),
                 folder);
    CHECK(none.find(place + "the server wants a password; put it into the URL") !=
          std::string::npos);
  }
  const GoldenStep right =
      run_step("REDISCLI_AUTH=open-sesame rz cascade status --storage redis://127.0.0.1:" +
                   std::to_string(server.port()),
               folder.path());
  CHECK(right.output.starts_with("primary\n"));
}

namespace {

/// A terminal that nobody looks at.
class Terminal {
 public:
  Terminal() : master_(::posix_openpt(O_RDWR | O_NOCTTY)) {
    REQUIRE(::grantpt(master_) == 0);
    REQUIRE(::unlockpt(master_) == 0);
    // Held open, for what was written would be gone with its last writer.
    slave_ = ::open(name().c_str(), O_RDWR | O_NOCTTY);
  }
  ~Terminal() {
    ::close(slave_);
    ::close(master_);
  }
  Terminal(const Terminal&) = delete;
  Terminal& operator=(const Terminal&) = delete;

  std::string name() const { return ::ptsname(master_); }
  /// What it has been given, at least a byte.
  std::string shown() const {
    char buffer[4096];
    const ssize_t size = ::read(master_, buffer, sizeof buffer);
    return std::string(buffer, size > 0 ? static_cast<std::size_t>(size) : 0);
  }

 private:
  int master_;
  int slave_ = -1;
};

}  // namespace

// To a file or a pipe the bytes go as they are; a terminal would obey them.
TEST_CASE("no format of the history lets a record steer the terminal") {
  const TempFolder folder;
  REQUIRE(run_step("rz cascade set safe --reason \"$(printf 'a\\033]0;b\\007c\\342\\200\\256d')\"",
                   folder.path())
              .exit_code == 0);
  for (const std::string format : {"text", "json", "ndjson", "csv", "markdown"}) {
    CAPTURE(format);
    const Terminal terminal;
    const std::string command = "NO_COLOR=1 rz transitions --format " + format;
    REQUIRE(run_step(command + " >" + terminal.name(), folder.path()).exit_code == 0);
    const std::string shown = terminal.shown();
    CHECK(shown.find(format == "markdown" ? "a\\\\x1b\\]0;b\\\\x07c\\\\xe2\\\\x80\\\\xaed"
                     : format == "text" || format == "csv"
                         ? "a\\x1b]0;b\\x07c\\xe2\\x80\\xaed"
                         : "a\\u001b]0;b\\u0007c\\u202ed") != std::string::npos);
    CHECK(shown.find('\x1b') == std::string::npos);
  }
  const GoldenStep piped = run_step("rz transitions --format csv", folder.path());
  CHECK(piped.output.find("a\x1b]0;b\ac\u202ed") != std::string::npos);
}

}  // namespace rz::testing
