// A manager and a real Redis, and a line between them that cuts, delays and garbles.
#include <doctest/doctest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "fallback/fallback_support.h"
#include "rz/fallback/fallback_manager.h"
#include "rz/storage/open_storage.h"
#include "support/patience.h"
#include "support/redis_server.h"
#include "support/results.h"
#include "support/tcp_proxy.h"

namespace rz::fallback {
namespace {

using test::Harm;
using test::TcpProxy;

/// A stream of transitions over a harmed line, each of which is checked from behind the line.
class Line {
 public:
  explicit Line(Millis timeout)
      : storage_(open(timeout)),
        patient_(open(test::kPatience)),
        behind_(ok(open_storage({.url = server_.url()}))) {}

  /// One cascade that calls for another mode.
  Result<Evaluation> transition(const Harm& harm) {
    const std::int64_t before = epoch();
    const Mode mode = mode_in(FallbackManager(*behind_));
    proxy_.order(harm);
    FallbackManager manager(*storage_);
    auto outcome = manager.cascade(mode == Mode::primary ? failed(2) : kHealthy);
    proxy_.order({});
    const std::int64_t after = epoch();
    // What was answered is true, and nothing happened twice.
    CHECK(after - before <= 1);
    // A worse mode is answered also where it could not be kept, and that is said.
    const bool kept = outcome && !outcome->store.unrecorded;
    if (kept) CHECK(outcome->after.epoch == after);
    if (kept) CHECK(outcome->changed() == (after == before + 1));
    if (kept && outcome->changed()) acknowledged_.push_back(*outcome);
    return outcome;
  }

  /// How many bytes a transition is.
  std::size_t length(Harm::Way way) {
    proxy_.order({});
    FallbackManager manager(*patient_);
    REQUIRE(manager.cascade(epoch() % 2 == 0 ? failed(2) : kHealthy));
    return proxy_.passed(way);
  }

  /// The log is one chain, and holds all that was acknowledged, as it was.
  void check_log() {
    FallbackManager manager(*behind_);
    const auto log = ok(manager.transitions_log(100'000));
    std::int64_t last = 0;
    Mode mode = Mode::primary;
    for (const Transition& record : log) {
      CHECK(record.epoch == ++last);
      CHECK(record.from == mode);
      mode = record.to;
    }
    CHECK(ok(manager.status()).after.mode == mode);
    for (const Evaluation& outcome : acknowledged_) {
      const auto index = static_cast<std::size_t>(outcome.after.epoch - 1);
      REQUIRE(index < log.size());
      CHECK(log[index].to == outcome.after.mode);
      CHECK(log[index].timestamp == outcome.after.since);
    }
  }

  test::RedisServer& server() { return server_; }
  std::size_t acknowledged() const { return acknowledged_.size(); }

 private:
  std::int64_t epoch() { return ok(FallbackManager(*behind_).status()).after.epoch; }

  std::unique_ptr<Storage> open(Millis timeout) const {
    return ok(open_storage({.url = "redis://127.0.0.1:" + std::to_string(proxy_.port()),
                            .timeout = timeout,
                            .retry_delay = Millis{1},
                            .deadline = test::kPatience}));
  }

  test::RedisServer server_;
  TcpProxy proxy_{server_.port()};
  std::unique_ptr<Storage> storage_;
  std::unique_ptr<Storage> patient_;  // For what must not be given up on a slow machine.
  std::unique_ptr<Storage> behind_;
  std::vector<Evaluation> acknowledged_;
};

TEST_CASE("a line that is cut once, anywhere in a transition, costs nothing") {
  for (const bool script_known : {true, false}) {
    for (const Harm::Way way : {Harm::Way::requests, Harm::Way::answers}) {
      Line line(Millis{5'000});
      line.length(way);
      const std::size_t length = line.length(way);
      REQUIRE(length > 100);
      // Without the script known: the conversation is longer, by an answer and a second request.
      const std::size_t step = script_known ? 1 : 7;
      std::size_t done = 0;
      for (std::size_t at = 0; at < length + 8; at += step) {
        CAPTURE(at);
        if (!script_known) REQUIRE(line.server().command({"SCRIPT", "FLUSH"}).text == "OK");
        const auto outcome = line.transition({Harm::Kind::cut, way, at});
        REQUIRE_MESSAGE(outcome.has_value(), to_string(outcome.error()));
        CHECK(outcome->changed());
        ++done;
      }
      CHECK(line.acknowledged() == done);
      line.check_log();
    }
  }
}

TEST_CASE("a line that splits an answer anywhere, or drips, changes nothing") {
  Line line(Millis{5'000});
  line.length(Harm::Way::answers);
  const std::size_t length = line.length(Harm::Way::answers);
  for (std::size_t at = 0; at < length; ++at) {
    CAPTURE(at);
    const auto split = line.transition({Harm::Kind::split, Harm::Way::answers, at});
    CHECK((split && split->changed()));
  }
  for (const Harm::Way way : {Harm::Way::requests, Harm::Way::answers}) {
    const auto drip = line.transition({Harm::Kind::drip, way, 0});
    CHECK((drip && drip->changed()));
  }
  line.check_log();
}

TEST_CASE("an answer that never comes is given up, and looked up") {
  Line line(Millis{40});
  line.length(Harm::Way::answers);
  const std::size_t length = line.length(Harm::Way::answers);
  // Within the state that is read, and every byte of the answer to the commit.
  std::vector<std::size_t> places{0, 1, 5, length / 2};
  for (std::size_t at = length - 6; at < length; ++at) places.push_back(at);
  for (const std::size_t at : places) {
    CAPTURE(at);
    static_cast<void>(line.transition({Harm::Kind::stall, Harm::Way::answers, at}));
  }
  // The same with a request that arrives in part.
  for (std::size_t at = 0; at < line.length(Harm::Way::requests); at += 40) {
    CAPTURE(at);
    static_cast<void>(line.transition({Harm::Kind::stall, Harm::Way::requests, at}));
  }
  line.check_log();
  CHECK(line.acknowledged() > 0);
}

TEST_CASE(
    "a garbled byte of an answer is an error or a retry, and never a transition that is not") {
  Line line(Millis{40});
  line.length(Harm::Way::answers);
  const std::size_t length = line.length(Harm::Way::answers);
  for (const unsigned char mask : {0x01, 0x02, 0x10, 0x20, 0x80, 0xff}) {
    for (std::size_t at = 0; at < length; ++at) {
      // The state itself is thinned out: a flipped bit of a string is all the same to Redis.
      if (at > 20 && at + 12 < length && (at + mask) % 11 != 0) continue;
      CAPTURE(at);
      CAPTURE(static_cast<int>(mask));
      static_cast<void>(line.transition({Harm::Kind::flip, Harm::Way::answers, at, mask}));
    }
  }
  line.check_log();
  CHECK(line.acknowledged() > 0);
}

}  // namespace
}  // namespace rz::fallback
