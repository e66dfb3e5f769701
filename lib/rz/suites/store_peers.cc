#include "rz/suites/store_peers.h"

#include <algorithm>
#include <chrono>
#include <memory>
#include <string_view>

#include "rz/base/process.h"
#include "rz/base/text.h"
#include "rz/base/try.h"
#include "rz/bench/scratch_folder.h"
#include "rz/storage/storage_url.h"

namespace rz::suites {
namespace {

constexpr int kOneByOne = 5'000;
constexpr int kPipelined = 200'000;
constexpr int kSqliteWrites = 200;
constexpr const char* kValueBytes = "100";
constexpr Millis kLongestPeer{60'000};

Result<std::string> output_of(std::vector<std::string> argv, std::string input = {}) {
  const std::string program = argv.front();
  TRY_ASSIGN(
      const ProcessResult ran,
      run_process({.argv = std::move(argv), .input = std::move(input), .timeout = kLongestPeer}));
  if (ran.exit_code == 0) return ran.output;
  return fail(
      ErrorCode::unavailable,
      "ended with exit code " + std::to_string(ran.exit_code) + ": " + printable(trim(ran.error)),
      program);
}

StorePeer redis_peer(const std::vector<std::string>& place, const char* name, const char* test,
                     const char* pipeline, int requests) {
  std::vector<std::string> argv = {"redis-benchmark"};
  argv.insert(argv.end(), place.begin(), place.end());
  for (const std::string& word :
       {std::string("-c"), std::string("1"), std::string("-P"), std::string(pipeline),
        std::string("-d"), std::string(kValueBytes), std::string("-n"), std::to_string(requests),
        std::string("-t"), std::string(test), std::string("--csv")}) {
    argv.push_back(word);
  }
  return {std::string("peer/redis-benchmark/") + name, [argv]() -> Result<double> {
            TRY_ASSIGN(const std::string csv, output_of(argv));
            const double rate = rate_in_csv(csv);
            if (rate > 0) return 1e9 / rate;
            return fail(ErrorCode::unavailable, "told no rate", "redis-benchmark");
          }};
}

/// What a peer of SQLite does, beside what it does first.
struct SqliteWork {
  const char* name;
  int keys;  ///< Of one iteration of its samples: how many.
  std::string (*script)();
};

const std::string kTable =
    "PRAGMA journal_mode = WAL;\nPRAGMA synchronous = FULL;\n"
    "CREATE TABLE IF NOT EXISTS kv (k TEXT PRIMARY KEY, v BLOB) WITHOUT ROWID;\n";
constexpr int kSqliteReads = 20'000;
constexpr int kManyKeys = 1'000;
constexpr int kManyTimes = 10;

std::string insert_of(const std::string& key) {
  static const std::string kValue(100, 'v');
  return "INSERT OR REPLACE INTO kv VALUES ('" + key + "', '" + kValue + "');\n";
}

std::string repeated(int times, const std::string& text) {
  std::string all;
  for (int i = 0; i < times; ++i) all += text;
  return all;
}

/// All keys in one transaction.
std::string insert_many() {
  std::string script = "BEGIN;\n";
  for (int i = 0; i < kManyKeys; ++i) script += insert_of("key" + std::to_string(i));
  return script + "COMMIT;\n";
}

/// One transaction for each write, as rz does it.
std::string sqlite_set() { return repeated(kSqliteWrites, insert_of("key")); }
std::string sqlite_get() { return repeated(kSqliteReads, "SELECT v FROM kv WHERE k = 'key0';\n"); }
std::string sqlite_set_many() { return repeated(kManyTimes, insert_many()); }
std::string sqlite_get_many() {
  return repeated(kManyTimes, "SELECT v FROM kv WHERE k LIKE 'key%' ORDER BY k;\n");
}

constexpr SqliteWork kSqliteWorks[] = {
    {"get", kSqliteReads, sqlite_get},
    {"set", kSqliteWrites, sqlite_set},
    {"get_many", kManyTimes* kManyKeys, sqlite_get_many},
    {"set_many", kManyTimes* kManyKeys, sqlite_set_many},
};

Result<double> seconds_of_sqlite(const std::string& file, const std::string& work) {
  const auto start = std::chrono::steady_clock::now();
  TRY(output_of({"sqlite3", "-batch", file}, kTable + work));
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

Result<double> sample_sqlite(const SqliteWork& work) {
  TRY_ASSIGN(const auto folder, bench::ScratchFolder::make());
  const std::string file = folder->path() + "/peer.db";
  TRY(seconds_of_sqlite(file, insert_many()));
  // The process is there without any work, too.
  TRY_ASSIGN(const double without, seconds_of_sqlite(file, ""));
  TRY_ASSIGN(const double with, seconds_of_sqlite(file, work.script()));
  return std::max(0.0, with - without) * 1e9 / work.keys;
}

/// Whether there is such a program to be run.
bool is_there(const char* program) { return output_of({program, "--version"}).has_value(); }

}  // namespace

double rate_in_csv(std::string_view csv) {
  // `"SET","17699.12","0.053",…` below a header.
  for (std::string_view line : split(csv, '\n')) {
    const auto fields = split(line, ',');
    if (fields.size() < 2 || fields[0] == "\"test\"") continue;
    std::string_view rate = fields[1];
    if (rate.starts_with('"')) rate.remove_prefix(1);
    if (rate.ends_with('"')) rate.remove_suffix(1);
    if (const auto number = parse_double(rate)) return *number;
  }
  return 0;
}

std::vector<StorePeer> redis_peers(const StorageOptions& options) {
  using Kind = storage::StorageUrl::Kind;
  const auto url = storage::parse_storage_url(options.url);
  const bool single = url && (url->kind == Kind::redis || url->kind == Kind::redis_unix);
  if (!single || url->tls || url->has_password || !options.password.empty()) return {};
  if (!is_there("redis-benchmark")) return {};
  std::vector<std::string> place = {"--dbnum", std::to_string(url->database)};
  if (url->kind == Kind::redis_unix) {
    place.insert(place.end(), {"-s", url->path});
  } else {
    place.insert(place.end(),
                 {"-h", url->hosts[0].first, "-p", std::to_string(url->hosts[0].second)});
  }
  return {redis_peer(place, "get", "get", "1", kOneByOne),
          redis_peer(place, "set", "set", "1", kOneByOne),
          redis_peer(place, "get_many", "get", "1000", kPipelined),
          redis_peer(place, "set_many", "set", "1000", kPipelined)};
}

std::vector<StorePeer> sqlite_peers() {
  if (!is_there("sqlite3")) return {};
  std::vector<StorePeer> peers;
  for (const SqliteWork& work : kSqliteWorks) {
    peers.push_back(
        {std::string("peer/sqlite3/") + work.name, [&work] { return sample_sqlite(work); }});
  }
  return peers;
}

}  // namespace rz::suites
