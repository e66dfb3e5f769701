#include <doctest/doctest.h>

#include <string>
#include <string_view>

#include "rz/base/json.h"
#include "rz/base/text.h"
#include "rz/base/timestamp.h"
#include "rz/fallback/fallback_manager.h"
#include "rz/reports/cascade_answer.h"
#include "rz/reports/formats.h"
#include "terminal.h"
#include "written.h"

namespace rz::reports {
namespace {

using testing::kNow;
using testing::written;

CascadeAnswer safe() {
  CascadeAnswer answer;
  answer.evaluation.after.mode = Mode::safe;
  answer.evaluation.before.mode = Mode::safe;
  answer.evaluation.after.reason = "too\nmany";
  answer.evaluation.after.epoch = 3;
  answer.evaluation.after.since = kNow;
  return answer;
}

}  // namespace

TEST_CASE("the mode: where it changed, since when it holds, or that nothing ever was") {
  CascadeAnswer answer = safe();
  CHECK(written(answer, "text") == "safe since 2026-01-02T03:04:05.000000Z: too\\nmany\n");
  answer.evaluation.before.mode = Mode::primary;
  CHECK(written(answer, "text") == "primary -> safe: too\\nmany\n");
  CHECK(written(CascadeAnswer{}, "text") == "primary\n");
}

TEST_CASE("what else is known stands below the mode") {
  CascadeAnswer answer = safe();
  answer.store = "redis://h\x1b";
  answer.evaluation.after.detail = "db: refused";
  answer.evaluation.after.pin = Pin{.until = kNow, .reason = "migration", .actor = "ops"};
  answer.evaluation.after.callbacks_owed = 1;
  answer.evaluation.store.outage = Error{ErrorCode::unavailable, "refused", "redis"};
  answer.evaluation.store.spooled = 2;
  CHECK(written(answer, "text") ==
        "safe since 2026-01-02T03:04:05.000000Z: too\\nmany\n"
        "db: refused\n"
        "pinned until 2026-01-02T03:04:05.000000Z by ops: migration\n"
        "1 callback is still to be run, by the rz that has claimed it or by the next one\n"
        "offline: 2 transitions wait for the store\n"
        "store redis://h\\x1b\n");
}

TEST_CASE("an explanation has a row for each rule") {
  CascadeAnswer answer;
  answer.explain = true;
  answer.evaluation.decision.rules = {{.name = "circuit",
                                       .mode = Mode::heuristic,
                                       .fired = true,
                                       .inputs = "open",
                                       .limit = "x",
                                       .reason = ""}};
  answer.evaluation.decision.detail = "why";
  CHECK(written(answer, "text") ==
        "primary\n"
        "\n"
        "RULE     CALLS FOR  FIRED  FIRES WHEN  IS NOW\n"
        "circuit  heuristic  yes    x           open\n"
        "\n"
        "why\n");
}

TEST_CASE("an explanation fits a terminal") {
  CascadeAnswer answer;
  answer.explain = true;
  answer.evaluation.decision.rules = {
      {.name = "slow",
       .mode = Mode::heuristic,
       .inputs = "failed_components = 3, failures_1h = 17",
       .limit = "failed_components >= 1 and failures_1h > 10 and resources == 'CRITICAL'",
       .reason = "",
       .waits = "for 10m"}};
  testing::Terminal terminal;
  Text::write(answer, terminal);
  const std::string text = terminal.text;
  for (const std::string_view line : split(text, '\n')) CHECK(display_width(line) <= 80);
  CHECK(text.find("failed_components >= 1") != std::string::npos);
}

TEST_CASE("JSON leaves out what does not apply") {
  CascadeAnswer answer = safe();
  const std::string head =
      R"({"schema":"rz.cascade/1","mode":"safe","previous":"safe","changed":false,)"
      R"("reason":"too\nmany","is_degraded":true,"is_safe_mode":true,"epoch":3,)"
      R"("since":"2026-01-02T03:04:05.000000Z","pin":null)";
  CHECK(written(answer, "json") == head + "}\n");
  answer.store = "memory:";
  answer.evaluation.store.outage = Error{ErrorCode::unavailable, "refused", "redis"};
  answer.evaluation.store.doubts = {"too old"};
  CHECK(written(answer, "json") ==
        head + R"(,"offline":true,"store_seen":null,"spooled":0,"doubts":["too old"],)"
               R"("store":"memory:"})"
               "\n");
}

TEST_CASE("metrics of the mode in the shape of the old system") {
  CHECK(
      written(FallbackMetrics{}, "json") ==
      R"({"schema":"rz.cascade.metrics/1","current_mode":"primary","is_degraded":false,"is_safe_mode":false,)"
      R"("total_transitions":0,"recent_transitions":[]})"
      "\n");
  FallbackMetrics metrics;
  metrics.mode.mode = Mode::safe;
  metrics.mode.epoch = 7;
  const Transition last{kNow,  Mode::primary, Mode::safe, "why", trigger::kEvaluation,
                        "ops", "db1",         7};
  metrics.recent_transitions = {last};
  CHECK(
      written(metrics, "json") ==
      R"({"schema":"rz.cascade.metrics/1","current_mode":"safe","is_degraded":true,"is_safe_mode":true,"total_transitions":7,)"
      R"("recent_transitions":[)" +
          to_json(to_value(last)) + "]}\n");
}

TEST_CASE("what a detector answered is told as it did") {
  const Detection detection{Value::object({{"anomaly", true}, {"why", "\x1b"}})};
  CHECK(written(detection, "json") ==
        "{\"schema\":\"rz.cascade.detect/1\",\"anomaly\":true,\"why\":\"\\u001b\"}\n");
}

TEST_CASE("transitions that wait for the store are counted") {
  const auto said = [](std::size_t transitions, std::size_t orders) {
    StoreStatus status;
    status.spooled = transitions;
    status.orders = orders;
    return waiting_for_store(status);
  };
  CHECK(said(0, 0) == "no transition waits for the store");
  CHECK(said(1, 0) == "1 transition waits for the store");
  CHECK(said(2, 0) == "2 transitions wait for the store");
  CHECK(said(0, 1) == "1 order waits for the store");
  CHECK(said(1, 2) == "1 transition and 2 orders wait for the store");
}

}  // namespace rz::reports
