#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "rz/bench/benchmark.h"
#include "rz/bench/suites/cond_suite.h"
#include "rz/bench/suites/fallback_suite.h"
#include "rz/bench/suites/storage_suite.h"
#include "rz/storage/open_storage.h"
#include "support/redis_server.h"
#include "support/temp_folder.h"

namespace rz::bench {
namespace {

std::vector<std::string> run_all(const std::vector<Benchmark>& suite) {
  std::vector<std::string> names;
  for (const Benchmark& benchmark : suite) {
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

TEST_CASE("every benchmark of conditions and of the fallback runs") {
  CHECK(run_all(cond_suite()) == Names{"cond/parse", "cond/evaluate", "cond/columns"});
  CHECK(run_all(fallback_suite()) ==
        Names{"fallback/decide", "fallback/cascade", "fallback/transition"});
}

TEST_CASE("the in-memory store is measured") {
  StorageOptions options;
  options.url = "memory:";
  CHECK(run_all(storage_suite("memory", options)) ==
        Names{"storage/memory/get", "storage/memory/set"});
}

TEST_CASE("SQLite is measured in a folder that is gone afterwards") {
  const TempFolder folder;
  const TmpDir moved(folder.path());
  {
    auto operation = temporary_sqlite_suite().front().setup();
    REQUIRE(operation);
    CHECK_FALSE(std::filesystem::is_empty(folder.path()));
    CHECK((*operation)(3));
  }
  CHECK(std::filesystem::is_empty(folder.path()));
  CHECK(run_all(temporary_sqlite_suite()) == Names{"storage/sqlite/get", "storage/sqlite/set"});
  CHECK(std::filesystem::is_empty(folder.path()));
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
  auto operation = temporary_sqlite_suite().front().setup();
  REQUIRE_FALSE(operation);
  CHECK(operation.error().code == ErrorCode::unavailable);
  CHECK(operation.error().where == "TMPDIR");
}

TEST_CASE("a Redis is measured, and keeps nothing of it") {
  const test::RedisServer server;
  StorageOptions options;
  options.url = server.url();
  CHECK(run_all(storage_suite("redis", options)) ==
        Names{"storage/redis/get", "storage/redis/set"});
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
}  // namespace rz::bench
