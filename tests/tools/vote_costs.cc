// vote_costs [ROUNDS]: what an evaluation that changes nothing costs on a Redis of its own and on
// an SQLite file, with 0, 10 and 1,000 votes of other hosts in it: trips and microseconds.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "rz/fallback/fallback_manager.h"
#include "rz/fallback/mode_state.h"
#include "rz/fallback/poll.h"
#include "rz/storage/open_storage.h"
#include "rz/storage/read_ahead.h"
#include "support/redis_server.h"
#include "support/temp_folder.h"

namespace {

using namespace rz;

/// As an evaluation of the program does it: one read ahead, then the decision.
void evaluate(storage::ReadAhead& store, const HealthState& health) {
  ReadSet what = fallback::poll_read_set("me", false);
  what.keys.emplace_back(fallback::kModeStateKey);
  what.logs.emplace_back(kTransitionLog);
  store.fetch(what);
  FallbackManager manager(store, {.actor = "ops", .host = "me", .votes = {.quorum = 2000}});
  if (!manager.cascade(health)) std::exit(1);
}

void cast(Storage& store, int votes) {
  Batch batch;
  for (int i = 0; i < votes; ++i) {
    batch.set_member(std::string(fallback::kVotes), "host" + std::to_string(i),
                     R"x({"mode":"safe","reason":"multiple_failures(2)",)x"
                     R"x("at":"2026-01-02T03:04:05.000000Z"})x",
                     std::chrono::hours{1});
  }
  if (!batch.writes.empty() && !store.commit(batch)) std::exit(1);
}

double median_micros(storage::ReadAhead& store, int rounds) {
  std::vector<double> times;
  for (int i = 0; i < rounds; ++i) {
    const auto begin = std::chrono::steady_clock::now();
    evaluate(store, HealthState{});
    times.push_back(
        std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - begin)
            .count());
  }
  std::nth_element(times.begin(), times.begin() + rounds / 2, times.end());
  return times[static_cast<std::size_t>(rounds) / 2];
}

}  // namespace

int main(int argc, char** argv) {
  const int rounds = argc > 1 ? std::max(std::atoi(argv[1]), 1) : 500;
  const test::RedisServer server;
  const TempFolder folder;
  for (const std::string& url : {server.url(), "sqlite:" + (folder / "rz.db")}) {
    auto opened = open_storage({.url = url});
    if (!opened) return 1;
    storage::ReadAhead store(std::move(*opened));
    int there = 0;
    for (const int votes : {0, 10, 1000}) {
      cast(store, votes - there);
      there = votes;
      evaluate(store, HealthState{});
      const bool redis = url.starts_with("redis");
      const std::string trips =
          redis ? std::to_string(server.trips_of([&] { evaluate(store, HealthState{}); })) : "-";
      std::printf("%-7s %5d votes: %s trips, %.0f us\n", redis ? "redis" : "sqlite", votes,
                  trips.c_str(), median_micros(store, rounds));
    }
  }
  return 0;
}
