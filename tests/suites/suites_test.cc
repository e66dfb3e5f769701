#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "rz/bench/benchmark.h"
#include "rz/bench/scratch_folder.h"
#include "rz/storage/open_storage.h"
#include "rz/suites/families.h"
#include "rz/suites/start_suite.h"
#include "rz/suites/storage_suite.h"
#include "support/paths.h"
#include "support/redis_server.h"
#include "support/temp_folder.h"

namespace rz::suites {
namespace {

std::vector<std::string> run_all(const std::vector<bench::Benchmark>& suite) {
  std::vector<std::string> names;
  for (const bench::Benchmark& benchmark : suite) {
    INFO(benchmark.name);
    auto operation = benchmark.setup();
    REQUIRE(operation);
    CHECK((*operation)(3));
    CHECK((*operation)(1));
    names.push_back(benchmark.name);
  }
  return names;
}

using Names = std::vector<std::string>;

/// Points TMPDIR at `path` for as long as it lives.
class TmpDir {
 public:
  explicit TmpDir(const std::string& path) {
    if (const char* old = std::getenv("TMPDIR")) old_ = old;
    ::setenv("TMPDIR", path.c_str(), 1);
  }
  ~TmpDir() {
    if (old_.empty()) {
      ::unsetenv("TMPDIR");
    } else {
      ::setenv("TMPDIR", old_.c_str(), 1);
    }
  }

 private:
  std::string old_;
};

SuiteOptions options_here() { return {.redis = std::nullopt, .rz = test::build_dir() + "/bin/rz"}; }

/// Of the family.
Names run_family(const std::string& name) {
  for (const Family& family : families()) {
    if (family.name == name) return run_all(family.make(options_here()));
  }
  return {};
}

TEST_CASE("every benchmark of every family runs, and is named after its family") {
  CHECK(run_family("cond") == Names{"cond/parse", "cond/evaluate", "cond/columns",
                                    "cond/filter_ndjson", "cond/filter_csv"});
  CHECK(run_family("fallback") == Names{"fallback/decide", "fallback/cascade",
                                        "fallback/transition", "fallback/votes_0",
                                        "fallback/votes_10", "fallback/votes_100"});
  CHECK(run_family("health") ==
        Names{"health/write_state", "health/read_state", "health/run_checks"});
  CHECK(run_family("config") == Names{"config/load_empty", "config/load_200"});
  CHECK(run_family("start").front() == "start/cond_eval");
  std::set<std::string> names;
  for (const Family& family : families()) {
    for (const std::string& name : run_family(std::string(family.name))) {
      INFO(name);
      CHECK(name.starts_with(std::string(family.name) + "/"));
      CHECK(names.insert(name).second);
    }
  }
  CHECK(names.contains("reports/health_json"));
  for (const char* of : {"audit_text", "stats_markdown", "cascade_json", "cond_text", "load_csv"}) {
    CAPTURE(of);
    CHECK(names.contains(std::string("reports/") + of));
  }
  CHECK(names.contains("reports/transitions_csv"));
  CHECK(names.contains("storage/memory/commit"));
}

TEST_CASE("all benchmarks are those of all families, with the Redis that is named") {
  SuiteOptions options = options_here();
  const std::size_t without = all_benchmarks(options).size();
  options.redis = StorageOptions{};
  options.redis->url = "redis://127.0.0.1:1";
  CHECK(all_benchmarks(options).size() == without + 4);
  CHECK(storage_benchmarks(options).size() == 21);
}

TEST_CASE("a filter of more records than the buffer has reads them again") {
  for (const Family& family : families()) {
    if (family.name != "cond") continue;
    for (const bench::Benchmark& benchmark : family.make({})) {
      INFO(benchmark.name);
      auto operation = benchmark.setup();
      REQUIRE(operation);
      CHECK((*operation)(5'000));
    }
  }
}

TEST_CASE("a program of rz that is not there is an error") {
  auto operation = start_suite("/nonexistent/rz").front().setup();
  REQUIRE(operation);
  const auto started = (*operation)(1);
  REQUIRE_FALSE(started);
  CHECK(started.error().code == ErrorCode::not_found);
}

const Names kBriefMemory = {"storage/memory/get", "storage/memory/set", "storage/memory/commit",
                            "storage/memory/read_log"};

TEST_CASE("the in-memory store is measured") {
  StorageOptions options;
  options.url = "memory:";
  CHECK(run_all(storage_suite("memory", options)) == kBriefMemory);
}

TEST_CASE("SQLite is measured in a folder that is gone afterwards") {
  const TempFolder folder;
  const TmpDir moved(folder.path());
  {
    auto operation = temporary_sqlite_suite(StorageLoad::full).front().setup();
    REQUIRE(operation);
    CHECK_FALSE(std::filesystem::is_empty(folder.path()));
    CHECK((*operation)(3));
  }
  CHECK(std::filesystem::is_empty(folder.path()));
  CHECK(run_all(temporary_sqlite_suite()).size() == kBriefMemory.size());
  CHECK(std::filesystem::is_empty(folder.path()));
}

TEST_CASE("what writes to a disk says so, and tells how fast that is") {
  std::set<std::string> waiting;
  for (const bench::Benchmark& benchmark : temporary_sqlite_suite(StorageLoad::full)) {
    if (!benchmark.wait_probe) continue;
    waiting.insert(benchmark.name);
    CHECK(benchmark.wait_probe() > 0);
  }
  CHECK(waiting == std::set<std::string>{"storage/sqlite/commit", "storage/sqlite/set",
                                         "storage/sqlite/set_many",
                                         "storage/sqlite/set_many_expiring"});
  // In memory nothing waits; where there is none the disk is used.
  for (const bench::Benchmark& benchmark : temporary_sqlite_suite()) {
    CHECK((benchmark.wait_probe && bench::ScratchFolder::has_memory()) == false);
  }
}

Names full(const std::string& engine) {
  Names names;
  for (const char* what :
       {"get", "set", "get_many", "set_many", "set_many_expiring", "commit", "read_log"}) {
    names.push_back("storage/" + engine + "/" + what);
  }
  return names;
}

TEST_CASE("stores are measured in full: many keys at once, commits and logs") {
  StorageOptions options;
  options.url = "memory:";
  CHECK(run_all(storage_suite("memory", options, StorageLoad::full)) == full("memory"));
  CHECK(run_all(temporary_sqlite_suite(StorageLoad::full)) == full("sqlite"));
  const test::RedisServer server;
  options.url = server.url();
  CHECK(run_all(storage_suite("redis", options, StorageLoad::full)) == full("redis"));
  CHECK(scan_all_keys(**open_storage(options), "*") == Names{});
}

TEST_CASE("a TMPDIR that does not exist is an error that names it") {
  const TmpDir moved("/nonexistent");
  auto operation = temporary_sqlite_suite(StorageLoad::full).front().setup();
  REQUIRE_FALSE(operation);
  CHECK(operation.error().code == ErrorCode::unavailable);
  CHECK(operation.error().where == "TMPDIR");
}

TEST_CASE("a Redis is measured, and keeps nothing of it") {
  const test::RedisServer server;
  StorageOptions options;
  options.url = server.url();
  CHECK(run_all(storage_suite("redis", options)).size() == kBriefMemory.size());
  const auto storage = open_storage(options);
  REQUIRE(storage);
  const auto keys = scan_all_keys(**storage, "*");
  REQUIRE(keys);
  CHECK(keys->empty());
}

TEST_CASE("a Redis that is not there is found out before anything is measured") {
  StorageOptions options;
  options.url = "redis+unix:///nonexistent.sock";
  options.max_retries = 0;
  auto operation = storage_suite("redis", options).front().setup();
  REQUIRE_FALSE(operation);
  CHECK(operation.error().code == ErrorCode::unavailable);
}

}  // namespace
}  // namespace rz::suites
