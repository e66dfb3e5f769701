#include "rz/reports/transitions.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "rz/base/json.h"
#include "rz/base/timestamp.h"
#include "rz/reports/formats.h"
#include "terminal.h"
#include "written.h"

namespace rz::reports {
namespace {

using testing::written;

Transition transition(std::string reason, std::int64_t epoch) {
  Transition t;
  t.timestamp = *parse_timestamp("2026-01-02T03:04:05.000000Z");
  t.from = Mode::primary;
  t.to = Mode::safe;
  t.reason = std::move(reason);
  t.trigger = trigger::kEvaluation;
  t.actor = "ops";
  t.host = "a\x1b";
  t.epoch = epoch;
  return t;
}

std::string written(const std::vector<Transition>& all, const char* format,
                    const EndOfList& end = {}) {
  StringPage page;
  const auto list = writer<TransitionsWriter>(format)(page);
  for (const Transition& each : all) list->add(each);
  list->finish(end);
  return page.text();
}

}  // namespace

TEST_CASE("transitions as text: a line each, and what the modes do not tell") {
  Transition old = transition("x", 0);
  old.epoch.reset();
  old.trigger.clear();
  Transition pin = transition("by hand", 2);
  pin.from = Mode::safe;
  pin.trigger = trigger::kPin;
  CHECK(written({transition("one\ntwo", 1), pin, old}, "text") ==
        "TIME                         FROM     TO    REASON\n"
        "2026-01-02T03:04:05.000000Z  primary  safe  one\\ntwo\n"
        "2026-01-02T03:04:05.000000Z  safe     safe  by hand (pin)\n"
        "2026-01-02T03:04:05.000000Z  primary  safe  x (old system)\n");
  CHECK(written(std::vector<Transition>{}, "text") == "");
}

TEST_CASE("transitions as indented JSON are the same document") {
  testing::Terminal page;
  const auto list = writer<TransitionsWriter>("json")(page);
  const std::vector<Transition> all = {transition("one", 1), transition("two", 2)};
  for (const Transition& each : all) list->add(each);
  list->finish({});
  CHECK(page.text.find("\n    {\n      \"timestamp\": \"2026-01-02T03:04:05.000000Z\",\n") !=
        std::string::npos);
  CHECK(*parse_json(page.text) == *parse_json(written(all, "json")));
}

TEST_CASE("transitions as JSON: one document, which says itself if it is a part") {
  const std::string record =
      R"({"timestamp":"2026-01-02T03:04:05.000000Z","from":"primary","to":"safe","reason":"r",)"
      R"("trigger":"evaluation","actor":"ops","host":"a\u001b","epoch":1})";
  const std::string head = R"({"schema":"rz.transitions/1","transitions":[)";
  const Error error{ErrorCode::timeout, "no answer", "redis"};
  CHECK(written({transition("r", 1)}, "json") == head + "\n" + record + "\n],\"count\":1}\n");
  CHECK(written(std::vector<Transition>{}, "json") == head + "\n],\"count\":0}\n");
  CHECK(written({transition("r", 1)}, "json", {nullptr, false}) ==
        head + "\n" + record + "\n],\"count\":1,\"complete\":false}\n");
  CHECK(written({transition("r", 1)}, "json", {&error, true}) ==
        head + "\n" + record +
            "\n],\"count\":1,\"complete\":false,\"error\":{\"code\":\"timeout\",\"message\":"
            "\"no answer\",\"where\":\"redis\"}}\n");
  CHECK(written(std::vector<Transition>{}, "json", {&error, true}) == "");
}

TEST_CASE("transitions as NDJSON: a record a line and nothing else") {
  CHECK(written({transition("r", 1), transition("s", 2)}, "ndjson", {nullptr, false}) ==
        R"({"timestamp":"2026-01-02T03:04:05.000000Z","from":"primary","to":"safe","reason":"r",)"
        R"("trigger":"evaluation","actor":"ops","host":"a\u001b","epoch":1})"
        "\n"
        R"({"timestamp":"2026-01-02T03:04:05.000000Z","from":"primary","to":"safe","reason":"s",)"
        R"("trigger":"evaluation","actor":"ops","host":"a\u001b","epoch":2})"
        "\n");
}

TEST_CASE("transitions as CSV: a header and a row each, with the bytes of the data") {
  CHECK(written({transition("a, b", 1)}, "csv") ==
        "timestamp,from,to,reason,trigger,actor,host,epoch\r\n"
        "2026-01-02T03:04:05.000000Z,primary,safe,\"a, b\",evaluation,ops,a\x1b,1\r\n");
  CHECK(written(std::vector<Transition>{}, "csv") ==
        "timestamp,from,to,reason,trigger,actor,host,epoch\r\n");
}

TEST_CASE("transitions as Markdown: a row each, whatever the reason holds") {
  CHECK(written({transition("a|b\n*c*", 1)}, "markdown") ==
        "| Time | From | To | Reason | Trigger | Actor | Host |\n"
        "| --- | --- | --- | --- | --- | --- | --- |\n"
        "| 2026-01-02T03:04:05.000000Z | primary | safe | a\\|b\\\\n\\*c\\* | evaluation | ops | "
        "a\\\\x1b |\n");
}

TEST_CASE("a list that is followed shows what there is, and goes on without titles") {
  StringPage page;
  const auto list = writer<TransitionsWriter>("text")(page);
  list->add(transition("one", 1));
  list->pause();
  CHECK(page.text() ==
        "TIME                         FROM       TO         REASON\n"
        "2026-01-02T03:04:05.000000Z  primary    safe       one\n");
  for (const char* format : {"text", "csv", "ndjson"}) {
    StringPage later;
    const auto more = writer<TransitionsWriter>(format)(later);
    more->go_on();
    more->add(transition("two", 2));
    more->pause();
    CHECK(std::count(later.text().begin(), later.text().end(), '\n') == 1);
    CHECK(later.text().find("two") != std::string::npos);
  }
}

TEST_CASE("work on the history as a sentence, or counted") {
  CHECK(written(Pruned{1}, "text") == "1 record removed\n");
  CHECK(written(Reindexed{2, true}, "json") ==
        "{\"schema\":\"rz.reindex/1\",\"indexed\":2,\"dry_run\":false,\"interrupted\":true}\n");
  const Imported imported{{.lines = 6, .added = 3, .known = 2, .bad = 1}};
  CHECK(written(imported, "text") == "3 records imported, 2 known already, 1 line left out\n");
  CHECK(written(imported, "json") ==
        "{\"schema\":\"rz.import/1\",\"added\":3,\"known\":2,\"bad\":1,"
        "\"dry_run\":false,\"interrupted\":false}\n");
  CHECK(written(Pruned{2, false, true}, "text") == "2 records would be removed\n");
  CHECK(written(Reindexed{1, false, true}, "text") == "1 record would be indexed\n");
  const Imported rehearsed{{.lines = 6, .added = 3, .known = 2, .bad = 1}, false, true};
  CHECK(written(rehearsed, "text") ==
        "3 records would be imported, 2 known already, 1 line left out\n");
  CHECK(written(Pruned{2, false, true}, "json") ==
        "{\"schema\":\"rz.prune/1\",\"removed\":2,\"dry_run\":true,\"interrupted\":false}\n");
}

}  // namespace rz::reports
