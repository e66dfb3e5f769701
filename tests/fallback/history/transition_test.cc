#include "rz/fallback/history/transition.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include "fallback/fallback_support.h"
#include "support/results.h"

namespace rz::fallback {
namespace {

const char* const kRecord =
    R"json({"timestamp":"2023-11-14T22:13:20.000000Z","from":"primary","to":"safe",)json"
    R"json("reason":"multiple_failures(2)","trigger":"evaluation","actor":"ops",)json"
    R"json("host":"db1","epoch":7})json";

TEST_CASE("a record is written with all its fields, and read back") {
  const Transition record = transition(at(0), Mode::primary, Mode::safe, "multiple_failures(2)", 7);
  CHECK(encode(record) == kRecord);
  CHECK(ok(decode_transition(kRecord)) == record);
  CHECK_FALSE(record.legacy());
}

TEST_CASE("any record comes back as it was") {
  CHECK(rc::check([] {
    Transition record;
    record.timestamp = TimePoint{Micros{*rc::gen::inRange<std::int64_t>(0, 4'000'000'000'000'000)}};
    record.from = *rc::gen::element(Mode::primary, Mode::heuristic, Mode::safe);
    record.to = *rc::gen::element(Mode::primary, Mode::heuristic, Mode::safe);
    // UTF-8 as everything that comes from a configuration or a command line that is.
    const auto text = rc::gen::container<std::string>(rc::gen::inRange<char>(0, 127));
    record.reason = *text;
    record.trigger = *text;
    record.actor = *text;
    record.host = *text;
    record.epoch = *rc::gen::arbitrary<std::int64_t>();
    const auto read = decode_transition(encode(record));
    RC_ASSERT(read.has_value());
    RC_ASSERT(*read == record);
  }));
}

TEST_CASE("a record of the old system has four fields, and its time without an offset is UTC") {
  const Transition record = ok(
      decode_transition(R"json({"timestamp": "2023-11-14T22:13:20.500000", "from": "PRIMARY", )json"
                        R"json("to": "SAFE", "reason": "multiple_failures(2)"})json"));
  CHECK(record.timestamp == at(0) + Millis{500});
  CHECK(record.from == Mode::primary);
  CHECK(record.to == Mode::safe);
  CHECK(record.reason == "multiple_failures(2)");
  CHECK(record.trigger.empty());
  CHECK(record.actor.empty());
  CHECK(record.host.empty());
  CHECK_FALSE(record.epoch);
  CHECK(record.legacy());

  // isoformat() drops a fraction of zero.
  CHECK(ok(decode_transition(
               R"({"timestamp":"2023-11-14T22:13:20","from":"safe","to":"primary","reason":""})"))
            .timestamp == at(0));
}

TEST_CASE("what a record does not know is null") {
  Transition record;
  record.timestamp = at(0);
  const Value value = to_value(record);
  for (const char* name : {"trigger", "actor", "host", "epoch"}) {
    REQUIRE(value.find(name) != nullptr);
    CHECK(value.find(name)->is_null());
  }
}

TEST_CASE("what is not a record is corrupt, and the field is named") {
  const std::pair<std::string, std::string> rows[] = {
      {"", "not a transition record: "},
      {"{", "not a transition record: "},
      {"[]", "not a transition record: it is of type array"},
      {"null", "not a transition record: it is of type null"},
      {"{}", "'timestamp'"},
      {R"({"timestamp":1700000000,"from":"safe","to":"safe"})", "'timestamp'"},
      {R"({"timestamp":"yesterday","from":"safe","to":"safe"})", "'timestamp'"},
      {R"({"timestamp":"2023-11-14T22:13:20Z","to":"safe"})", "'from' is not a mode: ''"},
      {R"({"timestamp":"2023-11-14T22:13:20Z","from":"safe","to":3})", "'to' is not a mode: ''"},
      {R"({"timestamp":"2023-11-14T22:13:20Z","from":"safe","to":"mad\u001b[31m"})",
       R"('to' is not a mode: 'mad\x1b[31m')"},
  };
  for (const auto& each : rows) {
    const auto& text = each.first;
    const auto& message = each.second;
    CAPTURE(text);
    const auto record = decode_transition(text);
    CHECK(code_of(record) == ErrorCode::corrupt);
    CHECK_MESSAGE(message_of(record).find(message) != std::string::npos, message_of(record));
  }
}

}  // namespace
}  // namespace rz::fallback
