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

/// One transaction for each write, as rz does it.
std::string sqlite_script(int writes) {
  std::string script =
      "PRAGMA journal_mode = WAL;\nPRAGMA synchronous = FULL;\n"
      "CREATE TABLE IF NOT EXISTS kv (k TEXT PRIMARY KEY, v BLOB) WITHOUT ROWID;\n";
  const std::string value(100, 'v');
  for (int i = 0; i < writes; ++i) {
    script += "INSERT OR REPLACE INTO kv VALUES ('key', '" + value + "');\n";
  }
  return script;
}

Result<double> seconds_of_sqlite(const std::string& file, int writes) {
  const auto start = std::chrono::steady_clock::now();
  TRY(output_of({"sqlite3", "-batch", file}, sqlite_script(writes)));
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
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
  return {{"peer/sqlite3/set", []() -> Result<double> {
             TRY_ASSIGN(const auto folder, bench::ScratchFolder::make());
             const std::string file = folder->path() + "/peer.db";
             // The process and its first commit are there without any write, too.
             TRY_ASSIGN(const double without, seconds_of_sqlite(file, 0));
             TRY_ASSIGN(const double with, seconds_of_sqlite(file, kSqliteWrites));
             return std::max(0.0, with - without) * 1e9 / kSqliteWrites;
           }}};
}

}  // namespace rz::suites
