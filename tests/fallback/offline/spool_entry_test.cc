#include "rz/fallback/offline/spool_entry.h"

#include <doctest/doctest.h>

#include <string>

#include "fallback/fallback_support.h"

namespace rz::fallback {
namespace {

SpoolEntry whole() {
  SpoolEntry entry;
  entry.before.epoch = 3;
  entry.before.since = at(3);
  entry.before.writer = "before";
  entry.after = entry.before;
  entry.after.mode = Mode::safe;
  entry.after.epoch = 4;
  entry.after.since = entry.after.recorded_at = at(4);
  entry.after.writer = "after";
  entry.after.reason = "two\nlines";
  entry.after.pin = Pin{at(60), "maintenance", "ops@db1", at(4), "lineage", 7};
  entry.transition = transition(at(4), Mode::primary, Mode::safe, "two\nlines", 4);
  entry.transition->writer = "after";
  entry.attempt = true;
  entry.instead_of = "other";
  return entry;
}

TEST_CASE("an entry is one line, and comes back whole") {
  const std::string line = encode(whole());
  CHECK(line.find('\n') == std::string::npos);
  CHECK(decode_spool_entry(line) == whole());
  SpoolEntry least;
  least.after.writer = "token";
  CHECK(decode_spool_entry(encode(least)) == least);
}

TEST_CASE("what is no entry is nothing") {
  const std::string line = encode(whole());
  CHECK_FALSE(decode_spool_entry(""));
  CHECK_FALSE(decode_spool_entry("[]"));
  CHECK_FALSE(decode_spool_entry(line.substr(0, line.size() / 2)));
  SpoolEntry entry = whole();
  entry.after.writer.clear();
  CHECK_FALSE(decode_spool_entry(encode(entry)));
  entry = whole();
  entry.after.epoch = entry.before.epoch - 1;
  CHECK_FALSE(decode_spool_entry(encode(entry)));
}

}  // namespace
}  // namespace rz::fallback
