#include "rz/cli/setup.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "bare_home.h"
#include "framed.h"
#include "rz/base/timestamp.h"

namespace rz::cli {
namespace {

using testing::BareHome;
using testing::Framed;
using testing::run_work;

constexpr const char* kChecks = R"(
health:
  checks:
    - {type: component, name: base, component: base, tags: [core]}
    - {type: component, name: middle, component: middle, depends_on: [base]}
    - {type: component, name: top, component: top, depends_on: [middle], tags: [slow]}
    - {type: component, name: aside, component: aside, tags: [core, slow]}
)";

/// The names of the checks that run for `selection`, in order, joined by blanks; or the message.
std::string chosen(const CheckSelection& selection) {
  const BareHome home;
  const std::string file = home.write("rz.yaml", kChecks);
  const Framed ran = run_work({"--config", file}, [&](Context& context) -> Result<int> {
    const auto monitor = make_monitor(context, selection);
    if (!monitor) return fail(monitor.error());
    const auto report = (*monitor)->run_checks();
    if (!report) return fail(report.error());
    for (const CheckResult& result : report->results) context.out().raw(result.name + " ");
    return kYes;
  });
  return ran.output + ran.error;
}

/// What `work` writes and says with this configuration.
Framed with_config(const std::string& text, const std::function<Result<int>(Context&)>& work) {
  const BareHome home;
  return run_work({"--config", home.write("rz.yaml", text)}, work);
}

const TimePoint kNow = *parse_timestamp("2026-01-02T03:04:05Z");

}  // namespace

TEST_CASE("a selection takes what it names, and what that depends on") {
  CHECK(chosen({}) == "base middle top aside ");
  CHECK(chosen({{"aside"}, {}, {}}) == "aside ");
  CHECK(chosen({{"top"}, {}, {}}) == "base middle top ");
  CHECK(chosen({{}, {"core"}, {}}) == "base aside ");
  CHECK(chosen({{}, {"core"}, {"slow"}}) == "base ");
  CHECK(chosen({{}, {}, {"core"}}) == "base middle top ");
  CHECK(chosen({{"base", "top"}, {}, {"slow"}}) == "base ");
}

TEST_CASE("a selection of nothing is an error with a way out") {
  CHECK(chosen({{"tpo"}, {}, {}}) == "rz demo: no check is named 'tpo'; did you mean 'top'?\n");
  CHECK(chosen({{"\x1b[2J"}, {}, {}}) ==
        "rz demo: no check is named '\\x1b[2J'; there are base, middle, top, aside\n");
  CHECK(chosen({{}, {"nosuch"}, {}}) ==
        "rz demo: no check is selected; 'rz health list' shows them and their tags\n");
}

TEST_CASE("a store that cannot be opened fails the checks that need it; a wrong URL all") {
  const auto statuses = [](const std::string& url) {
    const BareHome home;
    const Framed ran = run_work({"--storage", url}, [](Context& context) -> Result<int> {
      const auto monitor = make_monitor(context);
      if (!monitor) return fail(monitor.error());
      const auto report = (*monitor)->run_checks();
      if (!report) return fail(report.error());
      for (const CheckResult& result : report->results) {
        if (result.name == "store") context.out().raw(to_string(result.status));
      }
      return kYes;
    });
    return ran.output + ran.error;
  };
  CHECK(statuses("memory:") == "healthy");
  CHECK(statuses("sqlite:/proc/rz.db") == "unhealthy");
  CHECK(statuses("redis://").starts_with("rz demo: --storage: wrong storage URL: "));
}

TEST_CASE("a sink whose host is not found stands before nothing, and is told by the flush") {
  const Framed ran = with_config(
      "health:\n  metrics:\n"
      "    - {type: statsd, address: \"no.such.host.invalid:8125\"}\n"
      "    - {type: logging, level: warning}\n",
      [](Context& context) -> Result<int> {
        const auto sink = make_sink(context);
        if (!sink) return fail(sink.error());
        (*sink)->emit("load", 2);
        context.log("decided");
        if (const auto told = (*sink)->flush(); !told) context.warn(to_string(told.error()));
        return kYes;
      });
  CHECK(ran.exit_code == kYes);
  CHECK(ran.error ==
        "metric=load kind=gauge value=2\ndecided\n"
        "rz demo: warning: statsd no.such.host.invalid:8125: no such host\n");
}

TEST_CASE("a logging sink of level debug wants --verbose") {
  const BareHome home;
  const std::string file =
      home.write("rz.yaml", "health: {metrics: [{type: logging, level: debug}]}");
  const auto work = [](Context& context) -> Result<int> {
    const auto sink = make_sink(context);
    if (!sink) return fail(sink.error());
    (*sink)->emit("load", 2);
    return kYes;
  };
  CHECK(run_work({"--config", file}, work).error == "");
  CHECK(
      run_work({"--config", file, "-v"}, work).error.ends_with("metric=load kind=gauge value=2\n"));
}

TEST_CASE("a manager has the policy, the callbacks and the detectors of the configuration") {
  const Framed ran = with_config(
      "storage: {url: \"memory:\"}\n"
      "fallback:\n"
      "  policy: {failed_components: 7}\n"
      "  callbacks: {safe: {command: [/no/such/pager]}}\n"
      "  detectors: {heuristic: {when: \"severity > 0.5\"}}\n",
      [](Context& context) -> Result<int> {
        const auto manager = make_manager(context);
        if (!manager) return fail(manager.error());
        HealthState state;
        state.system.failed_components = 6;
        CHECK((*manager)->cascade(state)->mode == Mode::primary);
        state.system.failed_components = 7;
        const auto safe = (*manager)->cascade(state);
        CHECK(safe->mode == Mode::safe);
        REQUIRE(safe->warnings.size() == 1);
        CHECK(safe->warnings[0].find("/no/such/pager") != std::string::npos);
        CHECK((*manager)->set_mode("heuristic").has_value());
        const auto found = (*manager)->detect_anomaly(Value::object({{"severity", 0.9}}));
        CHECK(*found->find("anomaly")->as_bool());
        return kYes;
      });
  CHECK(ran.exit_code == kYes);
  CHECK(ran.error == "");
}

TEST_CASE("a moment is a time or so long ago") {
  CHECK(*parse_moment("--since", "2026-01-01T00:00:00Z", kNow) ==
        *parse_timestamp("2026-01-01T00:00:00Z"));
  CHECK(*parse_moment("--since", "24h", kNow) == *parse_timestamp("2026-01-01T03:04:05Z"));
  for (const char* text : {"yesterday", "", "24", "2026-13-01T00:00:00Z"}) {
    const auto wrong = parse_moment("--since", text, kNow);
    REQUIRE(!wrong.has_value());
    CHECK(to_string(wrong.error()) ==
          "--since: '" + std::string(text) +
              "' is neither a time (2026-01-02T03:04:05Z) nor a duration (24h)");
  }
}

TEST_CASE("a span is a duration above zero") {
  CHECK(*parse_span("--for", "30m") == std::chrono::minutes{30});
  CHECK(to_string(parse_span("--for", "0s").error()) == "--for: must be at least 1ms");
  CHECK(!parse_span("--for", "-5s").has_value());
  CHECK(parse_span("--for", "5").error().where == "--for");
}

}  // namespace rz::cli
