#include "rz/fallback/replay/state_record.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstddef>
#include <random>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>

#include "fallback/fallback_support.h"
#include "rz/base/json.h"
#include "rz/fallback/policy_variables.h"
#include "support/results.h"

namespace rz::fallback {
namespace {

// Sets it to what it is not in a state of which nothing is known.
template <class Held>
void set_other(Held& held, int number, std::span<const std::string_view> words) {
  if constexpr (std::is_same_v<Held, std::string>) {
    held = *std::find_if(words.begin(), words.end(),
                         [&](std::string_view word) { return word != held; });
  } else {
    held += static_cast<Held>(number) + static_cast<Held>(0.5);
  }
}

StateRecord full_state_record() {
  StateRecord record{at(7), "web \"1\"", "payments", {}};
  HealthState& state = record.state;
  int number = 0;
  for (const PolicyVariable& variable : policy_variable_table()) {
    ++number;
    if (variable.place == nullptr) continue;
    std::visit([&](auto* place) { set_other(*place, number, variable.words); },
               variable.place(state));
  }
  // Those that the damaged lines below name.
  state.system.failed_components = 3;
  state.circuit_breaker.state = "HALF_OPEN";
  state.retry.failures_1h = 10;
  state.retry.failure_rate = 0.25;
  state.complete = false;
  state.void_because = "no network";
  CheckResult check;
  check.name = "api";
  check.status = HealthStatus::degraded;
  state.health_checks.push_back(check);
  check.name = "db";
  check.status = HealthStatus::unhealthy;
  check.uncounted = "in maintenance";
  check.skipped = true;
  state.health_checks.push_back(check);
  return record;
}

TEST_CASE("all that a policy decides from comes back") {
  const StateRecord record = full_state_record();
  const std::string line = encode(record);
  CHECK(line.find('\n') == std::string::npos);
  const StateRecord read = ok(decode_state_record(line));
  CHECK(read.at == record.at);
  CHECK(read.host == record.host);
  CHECK(read.scope == "payments");
  CHECK_FALSE(read.state.complete);
  CHECK(read.state.void_because == "no network");
  for (const PolicyVariable& variable : policy_variable_table()) {
    CAPTURE(variable.name);
    CHECK(variable.read(read.state) == variable.read(record.state));
    // And none of them is the default, which would come back by itself.
    const bool own = variable.name == "mode" || variable.name == "dwell_seconds";
    CHECK(own == (variable.place == nullptr));
    CHECK((own || variable.read(record.state) != variable.read(HealthState{})));
  }
  REQUIRE(read.state.health_checks.size() == 2);
  CHECK(read.state.health_checks[0].status == HealthStatus::degraded);
  CHECK(read.state.health_checks[0].uncounted == "");
  CHECK(read.state.health_checks[1].status == HealthStatus::unhealthy);
  CHECK(read.state.health_checks[1].uncounted == "in maintenance");
  CHECK(read.state.health_checks[1].skipped);
}

TEST_CASE("a line of an rz that lacked a variable is read as if nothing were known of it") {
  StateRecord record = full_state_record();
  record.host = "web-1";
  const std::string line = encode(record);
  StateRecordReader reader;
  for (const PolicyVariable& variable : policy_variable_table()) {
    if (variable.place == nullptr) continue;
    CAPTURE(variable.name);
    const std::size_t begin = line.find(",\"" + std::string(variable.name) + "\":");
    REQUIRE(begin != std::string::npos);
    const std::string older = line.substr(0, begin) + line.substr(line.find(",\"", begin + 1));
    HealthState nothing_known;
    StateRecord expected = record;
    std::visit(
        [&](auto* place) { *place = *std::get<decltype(place)>(variable.place(nothing_known)); },
        variable.place(expected.state));
    // The line before it has the variable.
    REQUIRE(reader.read(line) != nullptr);
    REQUIRE(reader.read(older) != nullptr);
    CHECK(encode(reader.record()) == encode(expected));
    CHECK(encode(ok(decode_state_record(older))) == encode(expected));
  }
}

TEST_CASE("a line of something else is not read as a state of which nothing is known") {
  StateRecordReader reader;
  for (const char* line :
       {R"({"at":"2026-11-27T00:00:00Z","host":"a","complete":true})",
        R"({"at":"2026-11-27T00:00:00Z","host":"a","complete":true,"mode":1})"}) {
    CHECK(reader.read(line) == nullptr);
    CHECK(message_of(decode_state_record(line)).find("'failed_components'") != std::string::npos);
  }
}

TEST_CASE("a line that is no recorded state is refused, and what is wrong is named") {
  const auto why = [](const std::string& line) { return message_of(decode_state_record(line)); };
  CHECK(why("[]").find("not a JSON object") != std::string::npos);
  CHECK(why("{\"at\":").find("invalid JSON") != std::string::npos);
  CHECK(why("{}").find("'at'") != std::string::npos);
  std::string line = encode(full_state_record());
  const std::string failed = "\"failed_components\":3";
  for (const char* wrong :
       {"\"failed_components\":-1", "\"failed_components\":\"3\"", "\"faild_components\":3"}) {
    std::string changed = line;
    changed.replace(changed.find(failed), failed.size(), wrong);
    CHECK(why(changed).find("'failed_components'") != std::string::npos);
  }
}

TEST_CASE("the quick reader sees what the whole one does, or says that it cannot") {
  StateRecordReader reader;
  StateRecord record = full_state_record();
  record.host = "web-1";
  const std::string line = encode(record);
  const RecordHead* head = reader.read(line);
  REQUIRE(head != nullptr);
  CHECK(head->at == record.at);
  CHECK(head->host == "web-1");
  CHECK(head->scope == "payments");
  const auto table = policy_variable_table();
  for (std::size_t i = 0; i < table.size(); ++i) {
    CAPTURE(table[i].name);
    if (table[i].place == nullptr) continue;
    ConditionContext context;
    context.set("x", table[i].read(record.state));
    CHECK(head->values[i] == context.get("x"));
  }
  CHECK(encode(reader.record()) == line);
  CHECK(reader.record().state.timestamp == record.at);
  // A text with an escape, another order, spaces, a line that is cut.
  CHECK(reader.read(encode(full_state_record())) == nullptr);
  CHECK(reader.read(to_json(ok(parse_json(line)), 1)) == nullptr);
  CHECK(reader.read("{\"host\":\"a\"}") == nullptr);
  for (std::size_t size = 0; size < line.size(); ++size) {
    CHECK(reader.read(line.substr(0, size)) == nullptr);
  }
}

TEST_CASE("of one line nothing stays for the next") {
  StateRecordReader reader;
  StateRecord record = full_state_record();
  record.host = "web-1";
  const std::string full = encode(record);
  const std::string plain = encode({at(8), "web-2", {}, kHealthy});
  record.state.health_checks[1].status = HealthStatus::healthy;
  const std::string changed = encode(record);
  for (const std::string& line : {full, plain, full, changed, plain, plain, full, full}) {
    REQUIRE(reader.read(line) != nullptr);
    CHECK(encode(reader.record()) == line);
    CHECK(reader.read(full.substr(0, full.size() - 9)) == nullptr);
  }
}

/// A line as encode() writes it that all of what follows damages.
std::string line_with_checks() {
  StateRecord record = full_state_record();
  record.host = "web-1";
  return encode(record);
}

std::string replaced(std::string text, std::string_view what, std::string_view by) {
  const std::size_t place = text.find(what);
  REQUIRE(place != std::string::npos);
  return text.replace(place, what.size(), by);
}

TEST_CASE("a damaged line is refused, however it is read") {
  const std::string line = line_with_checks();
  const std::string plain = encode({at(8), "web-2", {}, kHealthy});
  const std::string damaged[] = {
      line.substr(0, line.find("\"api\"") + 3) + plain,
      plain + ",this is no JSON",
      plain.substr(0, plain.size() - 1) + ",this is no JSON}",
      plain.substr(0, plain.size() - 1) + ",}",
      plain + ",",
      plain + plain,
      plain + " " + plain,
      replaced(line, "\"failure_rate\":0.25", "\"failure_rate\":nan"),
      replaced(line, "\"failure_rate\":0.25", "\"failure_rate\":inf"),
      replaced(line, "\"failure_rate\":0.25", "\"failure_rate\":-0.25"),
      replaced(line, "\"failure_rate\":0.25", "\"failure_rate\":.25"),
      replaced(line, "\"failure_rate\":0.25", "\"failure_rate\":00.25"),
      replaced(line, "\"failure_rate\":0.25", "\"failure_rate\":0."),
      replaced(line, "\"failure_rate\":0.25", "\"failure_rate\":1e999"),
      replaced(line, "\"failures_1h\":10", "\"failures_1h\":-10"),
      replaced(line, "\"failures_1h\":10", "\"failures_1h\":010"),
      replaced(line, "\"failures_1h\":10", "\"failures_1h\":10.5"),
      replaced(line, "\"failures_1h\":10", "\"failures_1h\":99999999999999999999"),
      replaced(line, "web-1", "web\x01"),
      replaced(line, "web-1", "web\xff"),
      replaced(line, "web-1", std::string_view("web\0", 4)),
      replaced(line, "\"HALF_OPEN\"", "\"HALF_OPEM\""),
      replaced(line, "\"HALF_OPEN\"", "null"),
      replaced(line, "\"complete\":false", "\"complete\":0"),
      replaced(line, "\"scope\":\"payments\"", "\"scope\":1"),
      replaced(line, "\"host\":\"web-1\",", ""),
      replaced(line, "\"api\":\"degraded\"", "\"api\":\"degrated\""),
      replaced(line, "\"api\":\"degraded\"", "\"api\":7"),
      replaced(line, "\"api\":\"degraded\"", "\"api\":{}"),
      replaced(line, "\"skipped\":true", "\"skipped\":1"),
      replaced(line, "\"void\":\"no network\"", "\"void\":[]"),
      // Of two members nothing tells which was meant.
      replaced(line, "\"void\"", "\"host\":\"web-2\",\"void\""),
      replaced(line, "\"void\"", "\"failed_components\":3,\"void\""),
      replaced(line, "\"void\"", "\"void\":\"\",\"void\""),
      replaced(line, "\"api\":\"degraded\"", "\"db\":\"degraded\""),
      replaced(line, "\"skipped\":true", "\"skipped\":true,\"skipped\":true"),
  };
  StateRecordReader reader;
  for (const std::string& each : damaged) {
    CAPTURE(each);
    CHECK(reader.read(each) == nullptr);
    CHECK_FALSE(decode_state_record(each).has_value());
  }
}

/// Damages lines in all ways in which files are damaged.
class LineDamage {
 public:
  explicit LineDamage(unsigned seed) : random_(seed) {}

  std::string damaged(std::string line, const std::string& other) {
    for (std::size_t i = 1 + below(2); i > 0 && !line.empty(); --i) damage(line, other);
    return line;
  }

  std::size_t below(std::size_t bound) { return random_() % bound; }

 private:
  void damage(std::string& line, const std::string& other) {
    constexpr std::string_view kBytes(
        "0123456789.eE+-,:\"{}[]\\ \n\0\x7f\xc3\xff"
        "at",
        31);
    const std::size_t place = below(line.size());
    const std::size_t size = below(std::min<std::size_t>(line.size() - place, 40)) + 1;
    switch (below(9)) {
      case 0: line.resize(place); break;
      case 1: line.erase(place, size); break;
      case 2: line.insert(place, 1, kBytes[below(kBytes.size())]); break;
      case 3: line[place] = kBytes[below(kBytes.size())]; break;
      case 4: line[place] = static_cast<char>(line[place] ^ (1 << below(8))); break;
      case 5: std::swap(line[place], line[below(line.size())]); break;
      case 6: line.insert(below(line.size()), line.substr(place, size)); break;
      case 7: line.insert(place, other.substr(below(other.size()))); break;
      default: repeat_member(line); break;
    }
  }

  // A member, with its comma, once more.
  void repeat_member(std::string& line) {
    const std::size_t from = line.find(",\"", below(line.size()));
    const std::size_t to = from == std::string::npos ? from : line.find(",\"", from + 1);
    if (to == std::string::npos) return;
    const std::size_t place = line.find(",\"", below(line.size()));
    if (place != std::string::npos) line.insert(place, line.substr(from, to - from));
  }

  std::mt19937 random_;
};

TEST_CASE("what the quick reader answers for, the whole one reads, and reads the same") {
  StateRecord record = full_state_record();
  record.host = "web-1";
  StateRecord small{at(9), "db-2", {}, failed(2)};
  small.state.health_checks = record.state.health_checks;
  const std::string lines[] = {encode(record), encode(small),
                               encode({at(8), "web-2", {}, kHealthy})};
  StateRecordReader reader;
  LineDamage damage(20261127);
  int answered = 0;
  for (int i = 0; i < 20'000; ++i) {
    const std::string line = damage.damaged(lines[damage.below(3)], lines[damage.below(3)]);
    const RecordHead* const head = reader.read(line);
    if (head == nullptr) continue;
    ++answered;
    CAPTURE(line);
    const StateRecord whole = ok(decode_state_record(line));
    CHECK(head->host == whole.host);
    CHECK(encode(reader.record()) == encode(whole));
  }
  // Of a changed digit or letter nothing can tell.
  CHECK(answered > 200);
}

TEST_CASE("a number is the same to the last bit, however it is read") {
  const std::string line = line_with_checks();
  std::mt19937 random(20261127);
  const auto digits = [&random](std::size_t most) {
    std::string text;
    for (std::size_t i = 1 + random() % most; i > 0; --i)
      text += static_cast<char>('0' + random() % 10);
    return text;
  };
  StateRecordReader reader;
  int answered = 0;
  for (int i = 0; i < 4'000; ++i) {
    std::string number = digits(i % 2 == 0 ? 4 : 20);
    if (random() % 4 != 0) number += "." + digits(20);
    if (random() % 4 == 0) number += "e" + std::string(random() % 2, '-') + digits(3);
    const std::string changed = replaced(line, ":0.25", ":" + number);
    if (reader.read(changed) == nullptr) continue;
    ++answered;
    CAPTURE(number);
    CHECK(reader.record().state.retry.failure_rate ==
          ok(decode_state_record(changed)).state.retry.failure_rate);
  }
  CHECK(answered > 2'000);
}

}  // namespace
}  // namespace rz::fallback
