#include "rz/fallback/mode_state.h"

#include <doctest/doctest.h>

#include "fallback/fallback_support.h"
#include "rz/base/json.h"
#include "support/results.h"

namespace rz::fallback {
namespace {

ModeState pinned() {
  ModeState state;
  state.mode = Mode::heuristic;
  state.epoch = 12;
  state.since = at(3) + Micros{1};
  state.reason = "disk \"full\"\n";
  state.pin = Pin{at(60), "maintenance", "ops@db1"};
  state.good_evaluations = 2;
  state.writer = "00112233aabbccdd";
  return state;
}

TEST_CASE("a state comes back as it was, with a pin that ends, one that does not, and none") {
  ModeState state = pinned();
  CHECK(ok(decode_mode_state(encode(state))) == state);
  state.pin->until.reset();
  CHECK(ok(decode_mode_state(encode(state))) == state);
  state.pin.reset();
  CHECK(ok(decode_mode_state(encode(state))) == state);
  CHECK(ok(decode_mode_state(encode(ModeState{}))) == ModeState{});
  state.begun_anew = Beginning{"lineage", "root@db1"};
  CHECK(ok(decode_mode_state(encode(state))) == state);
}

TEST_CASE(
    "a state with everything in it is stored in these bytes, of which each host is to read all") {
  const std::string bytes =
      R"({"mode":"heuristic","epoch":12,"since":"2023-11-14T22:13:23.000001Z","reason":"slow",)"
      R"("pin":{"until":"2023-11-14T22:14:20.000000Z","reason":"maintenance","actor":"ops@db1",)"
      R"("set_at":"2023-11-14T22:13:21.000000Z","lineage":"1111","version":40},)"
      R"("good_evaluations":2,"writer":"00112233aabbccdd","decision":"ffee",)"
      R"("decisions":{"eedd":39,"ffee":40},"detail":"db",)"
      R"("version":41,"lineage":"1111","ancestors":{"0000":7},)"
      R"("begun_anew":{"lineage":"1111","by":"root@db1"},)"
      R"("recorded_at":"2023-11-14T22:13:24.000000Z","dwell_from":"2023-11-14T22:13:25.000000Z",)"
      R"("pin_from":"2023-11-14T22:13:26.000000Z","entered":{"primary":5,"heuristic":6,"safe":1},)"
      R"("owed":[{"transition":{"timestamp":"2023-11-14T22:13:23.000001Z","from":"primary",)"
      R"("to":"heuristic","reason":"slow","trigger":"evaluation","actor":"ops","host":"db1",)"
      R"("epoch":12,"detail":"db","writer":"ffee"},"claim":"abcd","process":"p",)"
      R"("claimed_at":"2023-11-14T22:13:23.000001Z","lease_ms":40000,"attempts":1,)"
      R"("not_before":"2023-11-14T22:13:33.000000Z"}]})";
  const ModeState state = ok(decode_mode_state(bytes));
  CHECK(encode(state) == bytes);
  CHECK(state.mode == Mode::heuristic);
  CHECK(state.since == at(3) + Micros{1});
  CHECK(state.pin->version == 40);
  CHECK(state.version == 41);
  CHECK(state.ancestors == std::vector<Ancestor>{{"0000", 7}});
  CHECK(state.decisions == std::vector<Decided>{{"eedd", 39}, {"ffee", 40}});
  CHECK(state.begun_anew == Beginning{"1111", "root@db1"});
  CHECK(state.dwell_from == at(5));
  CHECK(state.pin_from == at(6));
  CHECK(state.entered == std::array<std::int64_t, 3>{5, 6, 1});
  CHECK(state.owed.at(0).transition.writer == "ffee");
}

TEST_CASE("decisions stand in the order of their versions, and the oldest ones go") {
  std::vector<Decided> decisions;
  add_decision(decisions, {"b", 2});
  add_decision(decisions, {"a", 1});
  add_decision(decisions, {"b", 2});
  CHECK(decisions == std::vector<Decided>{{"a", 1}, {"b", 2}});
  for (std::size_t i = 0; i < kDecisionsMax; ++i) {
    const auto version = static_cast<std::int64_t>(i) + 3;
    add_decision(decisions, {std::to_string(version), version});
  }
  CHECK(decisions.size() == kDecisionsMax);
  CHECK(decisions.front() == Decided{"3", 3});
}

TEST_CASE("a stamp makes a state a write of its own") {
  ModeState state = pinned();
  state.version = 7;
  const ModeState before = state;
  stamp(state);
  CHECK(state.version == 8);
  CHECK(state.writer.size() == before.writer.size());
  CHECK(state.writer != before.writer);
  stamp(state, "ffeeddccbbaa9988");
  CHECK(state.version == 9);
  CHECK(state.writer == "ffeeddccbbaa9988");
  // Nothing else changes.
  state.version = before.version;
  state.writer = before.writer;
  CHECK(state == before);
}

TEST_CASE("a pin holds until just before its end") {
  ModeState state;
  CHECK_FALSE(state.pinned(at(0)));
  state.pin = Pin{at(60), "", ""};
  CHECK(state.pinned(at(60) - Micros{1}));
  CHECK_FALSE(state.pinned(at(60)));
  state.pin->until.reset();
  CHECK(state.pinned(TimePoint::max()));
}

TEST_CASE("a pin of a clock that is ahead lasts from when it was first seen") {
  ModeState state;
  state.pin = Pin{at(1060), "", "", at(1000)};
  CHECK(state.pinned(at(0)));
  state.pin_from = at(0);
  CHECK(state.pinned(at(59)));
  CHECK_FALSE(state.pinned(at(60)));
  // Whoever saw it first may be the one whose clock is wrong: for the others it lasts as was
  // ordered.
  CHECK(state.pinned(at(1000)));
  CHECK(state.pinned(at(1059)));
  CHECK_FALSE(state.pinned(at(1060)));
  state.pin_from = at(5000);
  CHECK(state.pinned(at(0)));
}

TEST_CASE("a pin as JSON") {
  CHECK(to_json(to_value(*pinned().pin)) ==
        R"({"until":"2023-11-14T22:14:20.000000Z","reason":"maintenance","actor":"ops@db1"})");
  CHECK(to_json(to_value(Pin{std::nullopt, "r", "a"})) ==
        R"({"until":null,"reason":"r","actor":"a"})");
}

TEST_CASE("a state that cannot be read is corrupt: the key, what is wrong, the way out") {
  const std::pair<std::string, std::string> rows[] = {
      {"", "json"},
      {"\xff\xfe", "json"},
      {"[]", "'mode' is not a valid mode"},
      {R"({"mode":"SAFEST","epoch":1,"since":"2023-11-14T22:13:20Z"})",
       "'mode' is not a valid mode"},
      {R"({"mode":"safe","since":"2023-11-14T22:13:20Z"})", "'epoch' is not a count"},
      {R"({"mode":"safe","epoch":-1,"since":"2023-11-14T22:13:20Z"})", "'epoch' is not a count"},
      {R"({"mode":"safe","epoch":1.5,"since":"2023-11-14T22:13:20Z"})", "'epoch' is not a count"},
      {R"({"mode":"safe","epoch":1})", "'since'"},
      {R"({"mode":"safe","epoch":1,"since":"2023-11-14T22:13:20Z","pin":{"until":"soon"}})",
       "'pin.until'"},
      {R"({"mode":"safe","epoch":1,"since":"2023-11-14T22:13:20Z","pin":{"until":5}})",
       "'pin.until'"},
      {R"({"mode":"safe","epoch":1,"since":"2023-11-14T22:13:20Z","pin":"yes"})", "'pin'"},
  };
  for (const auto& each : rows) {
    const auto& text = each.first;
    const auto& message = each.second;
    CAPTURE(text);
    const auto state = decode_mode_state(text);
    REQUIRE(code_of(state) == ErrorCode::corrupt);
    CHECK(state.error().where == "fallback:state");
    if (message != "json") {
      CHECK_MESSAGE(state.error().message.find(message) != std::string::npos,
                    state.error().message);
    }
    CHECK(state.error().message.find("rz cascade forget") != std::string::npos);
  }
}

}  // namespace
}  // namespace rz::fallback
