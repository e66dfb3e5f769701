#include "rz/suites/fallback_suite.h"

#include <chrono>
#include <memory>
#include <string>

#include "rz/fallback/fallback_manager.h"
#include "rz/fallback/policy.h"
#include "rz/fallback/poll.h"
#include "rz/storage/open_storage.h"

namespace rz::suites {
namespace {

HealthState state_with(std::int64_t failed) {
  HealthState state;
  state.system.status = failed > 0 ? "failed" : "healthy";
  state.system.total_components = 10;
  state.system.failed_components = failed;
  state.system.healthy_components = 10 - failed;
  state.circuit_breaker.available = true;
  state.circuit_breaker.state = "CLOSED";
  state.resources.available = true;
  state.resources.overall = "healthy";
  return state;
}

Result<bench::Operation> set_up_decide() {
  return bench::Operation([state = state_with(2)](std::uint64_t iterations) -> Result<void> {
    const Policy policy;
    for (std::uint64_t i = 0; i < iterations; ++i) {
      const auto decision = policy.decide(state);
      if (!decision) return fail(decision.error());
      bench::do_not_optimize(*decision);
    }
    return {};
  });
}

/// Evaluates on a store with so many votes of other hosts.
Result<bench::Operation> set_up_votes(int votes) {
  StorageOptions options;
  options.url = "memory:";
  auto opened = open_storage(options);
  if (!opened) return fail(std::move(opened).error());
  const std::shared_ptr<Storage> storage = std::move(*opened);
  Batch cast;
  for (int i = 0; i < votes; ++i) {
    cast.set_member(std::string(fallback::kVotes), "host" + std::to_string(i),
                    R"x({"mode":"safe","reason":"multiple_failures(2)",)x"
                    R"x("at":"2026-01-02T03:04:05.000000Z"})x",
                    std::chrono::hours{24});
  }
  if (!cast.writes.empty()) {
    if (const auto done = storage->commit(cast); !done) return fail(done.error());
  }
  return bench::Operation(
      [storage, state = state_with(0)](std::uint64_t iterations) -> Result<void> {
        // More than there are, so that nothing changes.
        FallbackManager manager(*storage, {.votes = {.quorum = 1'000}});
        for (std::uint64_t i = 0; i < iterations; ++i) {
          const auto outcome = manager.cascade(state);
          if (!outcome) return fail(outcome.error());
          bench::do_not_optimize(*outcome);
        }
        return {};
      });
}

/// Evaluates `first` and `second` in turn.
Result<bench::Operation> set_up_cascade(HealthState first, HealthState second) {
  StorageOptions options;
  options.url = "memory:";
  auto storage = open_storage(options);
  if (!storage) return fail(std::move(storage).error());
  struct Fixture {
    std::unique_ptr<Storage> storage;
    HealthState states[2];
    std::uint64_t turn = 0;
  };
  auto fixture = std::make_shared<Fixture>(
      Fixture{std::move(*storage), {std::move(first), std::move(second)}});
  return bench::Operation([fixture](std::uint64_t iterations) -> Result<void> {
    FallbackManager manager(*fixture->storage);
    for (std::uint64_t i = 0; i < iterations; ++i) {
      const auto outcome = manager.cascade(fixture->states[fixture->turn++ % 2]);
      if (!outcome) return fail(outcome.error());
      bench::do_not_optimize(*outcome);
    }
    return {};
  });
}

}  // namespace

std::vector<bench::Benchmark> fallback_suite() {
  return {
      {"fallback/decide", set_up_decide},
      {"fallback/cascade", [] { return set_up_cascade(state_with(0), state_with(0)); }},
      {"fallback/transition", [] { return set_up_cascade(state_with(0), state_with(2)); }},
      {"fallback/votes_0", [] { return set_up_votes(0); }},
      {"fallback/votes_10", [] { return set_up_votes(10); }},
      {"fallback/votes_100", [] { return set_up_votes(100); }},
  };
}

}  // namespace rz::suites
