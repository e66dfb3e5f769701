#include "rz/fallback/history/transition_view.h"

#include <doctest/doctest.h>

#include <random>
#include <string>
#include <utility>

#include "fallback/fallback_support.h"
#include "rz/base/json.h"
#include "support/results.h"

namespace rz::fallback {
namespace {

std::string shown(const TransitionView& view) { return std::string(view.json_without_end) + "}"; }

Transition full_record() {
  Transition record = transition(at(5), Mode::primary, Mode::safe, "circuit_open(12s)", 12);
  record.detail = "api: refused";
  record.writer = "0123456789abcdef";
  return record;
}

TEST_CASE("an encoded record is viewed where it stands, and shown without its writer") {
  const Transition record = full_record();
  const std::string text = encode(record);
  const auto view = read_encoded(text);
  REQUIRE(view.has_value());
  CHECK(view->copy() == record);
  CHECK(shown(*view) == to_json(to_value(record)));
  CHECK(view->reason.data() == text.data() + text.find("circuit_open"));
}

TEST_CASE("a record without what nobody knows is in the form of encode(), too") {
  Transition record;
  record.timestamp = at(0);
  const std::string text = encode(record);
  CHECK(text == to_json(to_stored(record)));
  const auto view = read_encoded(text);
  REQUIRE(view.has_value());
  CHECK(view->copy() == record);
  CHECK(shown(*view) == text);
}

TEST_CASE("what encode() does not write in this way is left to the JSON parser") {
  const std::string text = encode(full_record());
  const std::pair<std::string, std::string> changes[] = {
      {"\"ops\"", "\"\""},                // It would be null.
      {"circuit", "\\u0063ircuit"},       // An escape.
      {"circuit", "\x1b[2J"},             // What a terminal would obey,
      {"circuit", "\u202e"},              // reorder,
      {"circuit", "\xff"},                // or not read.
      {"20.000000Z", "60.000000Z"},       // A leap second reads as the next one.
      {"25.000000Z", "25Z"},              // Another form of the same time.
      {"-14T", "-31T"},                   // No such day.
      {"\"primary\"", "\"PRIMARY\""},     // As the old system wrote it.
      {"\"epoch\":12", "\"epoch\":012"},  // Not JSON.
      {"\"epoch\":12", "\"epoch\":-12"},  // Never written.
      {"{\"timestamp", "{ \"timestamp"},  // Another layout.
      {"abcdef\"}", "abcdef\"} "}};
  for (const auto& [before, after] : changes) {
    std::string changed = text;
    const std::size_t place = changed.find(before);
    if (place == std::string::npos) continue;
    changed.replace(place, before.size(), after);
    CAPTURE(changed);
    CHECK_FALSE(read_encoded(changed).has_value());
  }
  // Letters of other scripts are as good as ASCII.
  std::string wide = text;
  wide.replace(wide.find("circuit"), 7, "Gerät");
  CHECK(read_encoded(wide)->reason == "Gerät_open(12s)");
}

TEST_CASE("any record is shown by its view as it is by its value") {
  TransitionDecoder decoder;
  const std::string text = encode(full_record());
  std::mt19937 random(5);
  for (int i = 0; i < 20'000; ++i) {
    std::string changed = text;
    const std::size_t place = random() % changed.size();
    switch (random() % 3) {
      case 0: changed[place] = static_cast<char>(random()); break;
      case 1: changed.erase(place, 1 + random() % 3); break;
      default: changed.insert(place, 1, "\"\\{}:,0 1aé"[random() % 12]);
    }
    const auto view = decoder.decode(changed);
    const auto record = decode_transition(" " + changed);
    CAPTURE(changed);
    REQUIRE(view.has_value() == record.has_value());
    if (!view) continue;
    REQUIRE(view->copy() == *record);
    REQUIRE(shown(*view) == to_json(to_value(*record)));
  }
}

}  // namespace
}  // namespace rz::fallback
