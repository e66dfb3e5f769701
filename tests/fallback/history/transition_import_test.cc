#include "rz/fallback/history/transition_import.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstring>
#include <functional>
#include <random>
#include <utility>

#include "fallback/fallback_support.h"
#include "rz/fallback/mode_store.h"
#include "rz/fallback/offline/restore.h"
#include "rz/storage/faulty_storage.h"
#include "rz/storage/memory_storage.h"
#include "rz/storage/open_storage.h"
#include "rz/storage/storage_wrapper.h"
#include "support/redis_server.h"
#include "support/results.h"
#include "support/text_source.h"

namespace rz::fallback {
namespace {

struct TransitionImportFixture {
  ManualClock clock{at(0)};
  storage::MemoryStorage storage{clock};
  TransitionLog log{storage, kRetention};
  std::vector<std::uint64_t> bad_lines;

  Result<ImportReport> import(const std::string& text, std::size_t piece = 4096,
                              const GoOn& go_on = {}) {
    TextSource source(text, piece);
    return import_transitions(
        source, log, [&](std::uint64_t line, const Error&) { bad_lines.push_back(line); }, go_on);
  }
  std::size_t size() { return ok(log.list({})).size(); }
};

/// The record of second `i`, as it is printed.
std::string line(int i) {
  return encode(transition(at(i), Mode::primary, Mode::safe, "because", i + 1)) + "\n";
}

std::string lines(int count) {
  std::string text;
  for (int i = 0; i < count; ++i) text += line(i);
  return text;
}

// Otherwise a host takes what was imported for the history of a mode that is lost.
TEST_CASE_FIXTURE(TransitionImportFixture,
                  "an import into a store without a mode does not make one") {
  ModeStore store(storage, kRetention);
  const auto import_prepared = [&](const std::string& text) {
    TextSource source(text);
    return import_transitions(
        source, log, [](std::uint64_t, const Error&) {}, {}, "input",
        [&] { return store.begin_if_new(); });
  };
  const auto mode_of_new_host = [&] {
    std::vector<std::string> warnings;
    return ok(restore_if_lost(store, std::nullopt, AskHistory::yes, at(9), warnings));
  };
  SUBCASE("nothing is written for a source that has no record") {
    ok(import_prepared("no record\n"));
    CHECK_FALSE(ok(store.read()).bytes);
  }
  SUBCASE("a new store has the mode that holds first") {
    CHECK(ok(import_prepared(lines(3))).added == 3);
    CHECK(mode_of_new_host().store_lost == "");
    CHECK(mode_of_new_host().now.state.mode == Mode::primary);
    const ModeState kept = ok(store.read()).state;
    CHECK(kept.version == 1);
    CHECK(kept.lineage != "");
    CHECK(ok(import_prepared(lines(3))).known == 3);
    CHECK(ok(store.read()).state == kept);
  }
  SUBCASE("a mode that is lost is still put back from its history") {
    ok(import_prepared(lines(1)));
    ok(storage.remove(kModeStateKey));
    CHECK(ok(import_prepared(lines(2))).added == 1);
    CHECK_FALSE(ok(store.read()).bytes);
    CHECK(mode_of_new_host().store_lost != "");
    CHECK(mode_of_new_host().now.state.mode == Mode::safe);
  }
}

TEST_CASE("what was imported is what was exported, around the size of a page") {
  for (const int count : {0, 1, 999, 1000, 1001, 2500}) {
    CAPTURE(count);
    TransitionImportFixture f;
    const ImportReport report = ok(f.import(lines(count)));
    CHECK(report.added == static_cast<std::size_t>(count));
    CHECK(report.known == 0);
    std::string exported;
    for (const Transition& record : ok(f.log.list({}))) exported += encode(record) + "\n";
    CHECK(exported == lines(count));
    // Again: nothing is added.
    const ImportReport again = ok(f.import(lines(count)));
    CHECK(again.added == 0);
    CHECK(again.known == static_cast<std::size_t>(count));
    CHECK(f.size() == static_cast<std::size_t>(count));
  }
}

TEST_CASE_FIXTURE(TransitionImportFixture, "bad lines are named, and cost no good neighbour") {
  const std::string text = line(0) + "{\n" + line(1) + "\n  \n" + "[]\n" + "\xff\n" +
                           std::string(2'000'000, 'x') + "\n" + line(2) + "{\"timestamp\":\"";
  for (const std::size_t piece : {1u, 7u, 100'000u}) {
    bad_lines.clear();
    const ImportReport report = ok(import(text, piece));
    CHECK(report.bad == 5);
    CHECK(report.added + report.known == 3);
    CHECK(bad_lines == std::vector<std::uint64_t>{2, 6, 7, 8, 10});
  }
  CHECK(size() == 3);
}

TEST_CASE_FIXTURE(TransitionImportFixture,
                  "records of the old system, Windows lines, and a last line without its end") {
  const ImportReport report = ok(import(
      "{\"timestamp\":\"2023-11-14T22:13:21.5\",\"from\":\"PRIMARY\",\"to\":\"SAFE\",\"reason\":"
      "\"x\"}\r\n" +
      line(3).substr(0, line(3).size() - 1)));
  CHECK(report.added == 2);
  CHECK(ok(log.list({})).front().legacy());
}

TEST_CASE_FIXTURE(TransitionImportFixture,
                  "a record of which something would be lost is named and left out") {
  const std::string head = R"({"timestamp":"2023-11-14T22:13:21","from":"primary","to":"safe")";
  const struct {
    const char* members;
    const char* message;
  } cases[] = {
      {R"("epoch":1)", "'reason' is missing"},
      {R"("reason":null)", "'reason' must be a string, but is of type null"},
      {R"("reason":"x","epoch":"7")",
       "'epoch' must be a whole number of 0 or more, or null, but is \"7\""},
      {R"("reason":"x","epoch":1e30)",
       "'epoch' must be a whole number of 0 or more, or null, but is 1e+30"},
      {R"("reason":"x","epoch":-1)",
       "'epoch' must be a whole number of 0 or more, or null, but is -1"},
      {R"("reason":"x","trigger":3)", "'trigger' must be a string or null, but is of type integer"},
      {R"("reason":"x","host":["a"])", "'host' must be a string or null, but is of type array"},
      {R"("reason":"x","detail":{})", "'detail' must be a string or null, but is of type object"},
      {R"("reason":"x","to":"primary")", "'to' is there more than once"},
  };
  for (const auto& [members, message] : cases) {
    const std::string record = head + "," + members + "}";
    CAPTURE(record);
    TextSource source(record);
    std::string told;
    const auto report = import_transitions(
        source, log, [&told](std::uint64_t, const Error& error) { told = error.message; });
    CHECK(ok(report).bad == 1);
    CHECK(told == std::string("not a transition record: ") + message);
    // In the store it is shown as far as it goes.
    CHECK(decode_transition(record).has_value());
  }
  CHECK(size() == 0);
  for (const char* members : {R"("reason":"")", R"("reason":"x","trigger":null,"epoch":null)",
                              R"("reason":"x","epoch":0,"other":[1])"}) {
    CAPTURE(members);
    CHECK(ok(import(head + "," + members + "}\n")).bad == 0);
  }
}

TEST_CASE_FIXTURE(TransitionImportFixture,
                  "a file that is no text is told as such, with a way out") {
  using namespace std::string_literals;
  for (const std::string& head : {"\xfd"s + "7zXZ\0\0\n"s, "BZh91AY"s, "\xff\xfe{\0"s}) {
    TextSource source(head + "\nmore\n");
    const auto report = import_transitions(
        source, log, [](std::uint64_t, const Error&) {}, {}, "f");
    CHECK(code_of(report) == ErrorCode::parse);
    CHECK(message_of(report).starts_with("f: is "));
    CHECK(message_of(report).find("; pipe the output of '") != std::string::npos);
  }
}

TEST_CASE_FIXTURE(TransitionImportFixture,
                  "a record whose place another has moves, and is known the next time") {
  Batch batch;
  log.append(batch, transition(at(0), Mode::safe, Mode::primary, "another", 7));
  REQUIRE(ok(storage.commit(batch)) == Commit::done);
  CHECK(ok(import(line(0))).added == 1);
  CHECK(ok(import(line(0))).known == 1);
  const auto records = ok(log.list({}));
  REQUIRE(records.size() == 2);
  CHECK(records[1].timestamp == at(0) + Micros{1});
  // Two of one file at one time; and the same one twice.
  const std::string other =
      encode(transition(at(9), Mode::safe, Mode::primary, "another", 8)) + "\n";
  const ImportReport report = ok(import(line(9) + other + line(9)));
  CHECK(report.added == 2);
  CHECK(report.known == 1);
}

TEST_CASE_FIXTURE(TransitionImportFixture,
                  "a record that is stored with its writer's token is known") {
  Transition record = transition(at(0), Mode::primary, Mode::safe, "because", 1);
  record.writer = "0123456789abcdef";
  Batch batch;
  log.append(batch, record);
  REQUIRE(ok(storage.commit(batch)) == Commit::done);
  CHECK(ok(import(line(0))).known == 1);
  CHECK(size() == 1);
}

TEST_CASE("while records have no index an import is refused; after reindex it knows them") {
  const std::string old =
      R"({"timestamp":"2023-11-14T22:13:20.500000","from":"primary","to":"safe","reason":"x"})";
  // As Python's float spells it, and as six decimals do.
  for (const char* second : {"1700000000.5", "1700000000.500000"}) {
    CAPTURE(second);
    TransitionImportFixture f;
    ok(f.storage.set(std::string("fallback:transition:") + second, old));
    CHECK(message_of(f.import(old + "\n")).find("reindex") != std::string::npos);
    ok(f.log.index().reindex());
    CHECK(ok(f.import(old + "\n")).known == 1);
    CHECK(f.size() == 1);
  }
}

TEST_CASE("an import that is stopped or fails leaves whole pages, and goes on when repeated") {
  TransitionImportFixture f;
  const auto stop_at_once = [](std::size_t) { return false; };
  CHECK(ok(f.import(lines(2500), 4096, stop_at_once)).added == 1000);
  CHECK(f.size() == 1000);
  const ImportReport rest = ok(f.import(lines(2500)));
  CHECK(rest.added == 1500);
  CHECK(rest.known == 1000);

  // Any call fails, with the request or the answer lost.
  for (const bool applied : {false, true}) {
    for (std::size_t call = 1; call <= 12; ++call) {
      TransitionImportFixture other;
      storage::FaultyStorage faulty(other.storage, other.clock);
      storage::Fault fault = storage::Fault::lost_request(Micros{1});
      fault.applied = applied;
      faulty.inject(fault, {.first = call, .count = 1});
      TransitionLog log(faulty, kRetention);
      for (int attempt = 0; attempt < 2; ++attempt) {
        TextSource source(lines(2500));
        (void)import_transitions(source, log, [](std::uint64_t, const Error&) {}).has_value();
      }
      CHECK(other.size() == 2500);
    }
  }
}

TEST_CASE("pruning removes what is older, around the size of a page, and nothing else") {
  for (const int count : {0, 1, 999, 1000, 1001, 2500}) {
    CAPTURE(count);
    TransitionImportFixture f;
    ok(f.import(lines(count + 3)));
    CHECK(ok(f.log.prune(at(count))) == static_cast<std::size_t>(count));
    REQUIRE(f.size() == 3);
    CHECK(ok(f.log.list({})).front().timestamp == at(count));
    CHECK(ok(f.log.prune(at(count))) == 0);
  }
}

namespace {

/// Before it removes a page, somebody else removes some records of it.
class RivalStorage : public storage::StorageWrapper {
 public:
  RivalStorage(Storage& target, std::function<void()> rival)
      : storage::StorageWrapper(target), rival_(std::move(rival)) {}
  Result<Commit> commit(const Batch& batch) override {
    if (auto rival = std::exchange(rival_, nullptr)) rival();
    return storage::StorageWrapper::commit(batch);
  }

 private:
  std::function<void()> rival_;
};

}  // namespace

TEST_CASE_FIXTURE(TransitionImportFixture,
                  "a dry import says what an import does, and adds nothing") {
  std::string text = "x\n";
  for (int i = 0; i < 2500; ++i) text += line(i);
  REQUIRE(ok(import(line(7) + line(1500))).added == 2);
  // Twice in one page, and in two.
  text += line(2499) + line(3) + line(2600);
  const auto rehearse = [&] {
    TextSource source(text);
    return ok(import_transitions(
        source, log, [](std::uint64_t, const Error&) {}, {}, "input",
        [] { return fail(ErrorCode::internal, "nothing is prepared"); }, true));
  };
  const ImportReport dry = rehearse();
  CHECK(size() == 2);
  const ImportReport done = ok(import(text));
  CHECK(dry.added == done.added);
  CHECK(dry.known == done.known);
  CHECK(dry.bad == done.bad);
  CHECK(done.added == 2499);
  CHECK(done.known == 4);
  CHECK(rehearse().added == 0);
}

TEST_CASE_FIXTURE(TransitionImportFixture,
                  "a dry prune and a dry reindex count, and change nothing") {
  std::string text;
  for (int i = 0; i < 1500; ++i) text += line(i);
  REQUIRE(ok(import(text)).added == 1500);
  const Transition old = transition(at(-5), Mode::primary, Mode::safe, "old", 1);
  REQUIRE(storage.set("fallback:transition:1699999995.5", encode(old)));
  CHECK(ok(log.index().reindex({}, true)) == 1);
  REQUIRE(ok(storage.remove(log_key(kTransitionLog, HistoryIndex::kMarkPlace))));
  CHECK(ok(log.index().reindex({}, true)) == 1);
  CHECK(ok(log.prune(at(1200), {}, true)) == 1201);
  CHECK_FALSE(ok(log.index().is_complete()));
  CHECK(size() == 1501);
  CHECK(ok(log.prune(at(1200))) == 1201);
  CHECK(size() == 300);
}

TEST_CASE("records in between call for a look at each place, and are known all the same") {
  ManualClock clock{at(0)};
  storage::MemoryStorage storage{clock};
  TransitionLog log{storage, kRetention};
  std::vector<Transition> dense;
  for (int i = 0; i < 3000; ++i) {
    dense.push_back(transition(at(i), Mode::primary, Mode::safe, "r" + std::to_string(i), i));
  }
  REQUIRE(ok(log.add(dense)).added == 3000);
  std::vector<Transition> sparse{dense.front(), dense.back()};
  Transition moved = dense[1500];
  moved.reason = "another at that time";
  sparse.push_back(moved);
  Transition rounded = dense[700];
  rounded.timestamp -= Micros{1};
  sparse.push_back(rounded);
  const AddReport added = ok(log.add(sparse));
  CHECK(added.added == 1);
  CHECK(added.known == 3);
  CHECK(ok(storage.exists(log_key(kTransitionLog, at(1500) + Micros{1}))));
}

TEST_CASE("what has a place and no entry in the index moves a record, and is not lost") {
  ManualClock clock{at(0)};
  storage::MemoryStorage storage{clock};
  TransitionLog log{storage, kRetention};
  const Transition other = transition(at(1), Mode::safe, Mode::primary, "unindexed", 1);
  REQUIRE(storage.set(log_key(kTransitionLog, at(1)), encode(other)));
  const std::vector records{transition(at(1), Mode::primary, Mode::safe, "r", 2), other};
  const AddReport added = ok(log.add(records));
  CHECK(added.added == 1);
  CHECK(added.known == 1);
  CHECK(ok(storage.get(log_key(kTransitionLog, at(1)))) == encode(other));
  CHECK(ok(storage.exists(log_key(kTransitionLog, at(1) + Micros{1}))));
}

TEST_CASE("prunes at the same time count each record once between them") {
  for (const int theirs : {0, 1, 7, 999, 1000, 1500, 2500}) {
    CAPTURE(theirs);
    TransitionImportFixture f;
    ok(f.import(lines(2503)));
    std::size_t rivals = 0;
    RivalStorage storage(f.storage, [&] { rivals = ok(f.log.prune(at(theirs))); });
    TransitionLog log(storage, kRetention);
    const std::size_t own = ok(log.prune(at(2500)));
    CHECK(rivals == static_cast<std::size_t>(theirs));
    CHECK(own + rivals == 2500);
    CHECK(f.size() == 3);
  }
}

TEST_CASE_FIXTURE(TransitionImportFixture, "pruning that is stopped has removed whole pages") {
  ok(import(lines(2500)));
  CHECK(ok(log.prune(at(2500), [](std::size_t done) { return done < 2000; })) == 2000);
  CHECK(size() == 500);
}

TEST_CASE_FIXTURE(TransitionImportFixture, "pruning takes the old system's records, too") {
  for (const char* second : {"1700000000.25", "1700000009.5"}) {
    ok(storage.set(
        std::string("fallback:transition:") + second,
        R"({"timestamp":"2023-11-14T22:13:20","from":"primary","to":"safe","reason":"x"})"));
  }
  CHECK(ok(log.prune(at(5))) == 1);
  CHECK(size() == 1);
}

TEST_CASE("the old system's records are shown and indexed, around the size of a page") {
  for (const int count : {1, 999, 1000, 1001, 2500}) {
    CAPTURE(count);
    TransitionImportFixture f;
    for (int i = 0; i < count; ++i) {
      // As Python's str(float) writes it: the place in the log differs from the key.
      ok(f.storage.set("fallback:transition:" + std::to_string(1'700'000'000 + i) + ".5",
                       R"({"timestamp":"2023-11-14T22:13:20.5","from":"primary","to":"safe",)"
                       R"("reason":"r)" +
                           std::to_string(i) + "\"}"));
    }
    const auto reasons = [&] {
      std::string all;
      for (const Transition& record : ok(f.log.list({}))) all += record.reason + " ";
      return all;
    };
    const std::string shown = reasons();
    CHECK(std::count(shown.begin(), shown.end(), ' ') == count);
    const auto all_of_them = static_cast<std::size_t>(count);
    const std::size_t first =
        ok(f.log.index().reindex([](std::size_t done) { return done < 2000; }));
    CHECK(first == std::min<std::size_t>(all_of_them, 2000));
    CHECK(reasons() == shown);
    CHECK(ok(f.log.index().reindex()) == all_of_them - first);
    CHECK(reasons() == shown);
    CHECK_FALSE(ok(f.log.index().has_unindexed()));
    LogRange all;
    all.limit = 5000;
    all.until = HistoryIndex::kMarkPlace;
    CHECK(ok(f.storage.read_log(kTransitionLog, all)).size() == all_of_them);
  }
}

TEST_CASE("on Redis the index goes with the records") {
  const test::RedisServer server;
  const auto storage = ok(open_storage({.url = server.url()}));
  TransitionLog log(*storage, kRetention);
  TextSource source(lines(2500));
  CHECK(ok(import_transitions(source, log, [](std::uint64_t, const Error&) {})).added == 2500);
  CHECK(server.command({"ZCARD", "rz:log:fallback:transition"}).integer == 2501);  // And the mark.
  CHECK(ok(log.prune(at(2000))) == 2000);
  CHECK(server.command({"ZCARD", "rz:log:fallback:transition"}).integer == 501);
  CHECK(ok(log.list({})).size() == 500);
}

// The fast reader of records and the JSON parser, which a blank before the record calls for.
TEST_CASE("a record that is changed anywhere is read the same by both readers") {
  Transition record = transition(at(5), Mode::primary, Mode::safe, "circuit_open(12s)", 12);
  record.writer = "0123456789abcdef";
  const std::string text = encode(record);
  CHECK(ok(decode_transition(text)) == record);
  std::mt19937 random(3);
  for (int i = 0; i < 20'000; ++i) {
    std::string changed = text;
    const std::size_t place = random() % changed.size();
    switch (random() % 3) {
      case 0: changed[place] = static_cast<char>(random()); break;
      case 1: changed.erase(place, 1 + random() % 3); break;
      default: changed.insert(place, 1, "\"\\{}:,0 1aé"[random() % 12]);
    }
    const auto fast = decode_transition(changed);
    const auto slow = decode_transition(" " + changed);
    CAPTURE(changed);
    REQUIRE(fast.has_value() == slow.has_value());
    if (fast) REQUIRE(*fast == *slow);
  }
}

}  // namespace
}  // namespace rz::fallback
