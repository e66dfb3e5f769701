// Whatever bytes come from outside, no report is broken by them, and none steers the terminal that
// shows it. Every document is written in every format that has it, twice: with harmless strings in
// all of its members, and with hostile ones. Both must have the same structure.

#include <doctest/doctest.h>

#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "rz/base/json.h"
#include "rz/base/text.h"
#include "rz/fallback/fallback_manager.h"
#include "rz/fallback/vote.h"
#include "rz/history/auditor.h"
#include "rz/reports/bench_report.h"
#include "rz/reports/cascade_answer.h"
#include "rz/reports/cond_reports.h"
#include "rz/reports/config_findings.h"
#include "rz/reports/failure.h"
#include "rz/reports/formats.h"
#include "rz/reports/health_report.h"
#include "rz/reports/history_report.h"
#include "rz/reports/listing.h"
#include "rz/reports/load_report.h"
#include "rz/reports/policy_replay.h"
#include "rz/reports/profile_report.h"
#include "rz/reports/transitions.h"
#include "support/paths.h"
#include "terminal.h"

namespace rz::reports {
namespace {

using testing::Terminal;
using namespace std::string_view_literals;

// What a terminal obeys, what is no UTF-8, and what has a meaning in some format.
constexpr std::string_view kHostile =
    "a\x1b[2J\0\u0085\u009B\u202E\u2066\u200F\u2028\uFEFF\x7F\xff\xc3\n\r\t|,;\"'<b>]]>&lt;`*_$\\n#: -"sv;
constexpr std::string_view kHarmless = "a";

// Of a terminal that cuts nothing off.
constexpr int kWidth = 10'000;

// ---- The structure of what was written, from which the data is taken out

std::size_t count(std::string_view text, std::string_view part) {
  std::size_t found = 0;
  for (std::size_t at = 0; (at = text.find(part, at)) != std::string_view::npos; at += part.size())
    ++found;
  return found;
}

// The members of all objects and the lengths of all lists, but no texts.
std::string shape(const Value& value) {
  std::string text;
  if (const auto* array = value.as_array()) {
    for (const Value& item : *array) text += shape(item) + ",";
    return "[" + text + "]";
  }
  if (const auto* object = value.as_object()) {
    for (const auto& member : *object) text += shape(member.second) + ",";
    return "{" + text + "}";
  }
  return value.type_name();
}

std::string shape_of_json(std::string_view text) {
  const auto document = parse_json(std::string(text));
  REQUIRE_MESSAGE(document.has_value(), text);
  return shape(*document);
}

// A letter for each field, and a line for each row.
std::string shape_of_csv(std::string_view text) {
  std::string fields;
  bool quoted = false;
  for (const char c : text) {
    if (c == '"') quoted = !quoted;
    if (quoted) continue;
    if (c == ',') fields += 'f';
    if (c == '\n') fields += "f\n";
  }
  CHECK(!quoted);
  return fields;
}

// The cells of each row of a table.
std::string shape_of_markdown(std::string_view text) {
  std::string bars;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\') {
      ++i;
      continue;
    }
    CHECK(std::string_view("<>`[]").find(text[i]) == std::string_view::npos);
    if (text[i] == '|' || text[i] == '\n') bars += text[i];
  }
  return bars;
}

std::string shape_of_xml(std::string_view text) {
  CHECK(count(text, "]]>") == 0);
  std::string marks;
  for (const char c : text) {
    if (std::string_view("<>\"\n").find(c) != std::string_view::npos) marks += c;
  }
  return marks;
}

// Its elements; within the data for the script quotes are escaped in another way.
std::string shape_of_html(std::string_view text) {
  std::string marks;
  for (const char c : text) {
    if (std::string_view("<>\n").find(c) != std::string_view::npos) marks += c;
  }
  return marks;
}

std::string shape_of_ndjson(std::string_view text) {
  std::string shapes;
  for (std::string_view line : split(text, '\n')) {
    if (!line.empty()) shapes += shape_of_json(line);
  }
  return shapes;
}

// By the media type of its format. What has none of a language has lines.
std::string shape_of(std::string_view media_type, std::string_view text) {
  const auto is_of = [media_type](std::string_view language) {
    return media_type.substr(0, media_type.find(';')).ends_with(language);
  };
  if (is_of("ndjson")) return shape_of_ndjson(text);
  if (is_of("json")) return text.empty() ? "" : shape_of_json(text);
  if (is_of("csv")) return shape_of_csv(text);
  if (is_of("markdown")) return shape_of_markdown(text);
  // It is binary, and profile_test.cc decodes it.
  if (is_of("protobuf")) return "";
  if (is_of("xml")) return shape_of_xml(text);
  if (is_of("html")) return shape_of_html(text);
  return std::to_string(count(text, "\n"));
}

// CSV keeps the bytes of the data in a file or a pipe, by its purpose; on a terminal it does not.
// pprof is binary.
bool keeps_bytes(std::string_view format, bool terminal) {
  return (format == "csv" && !terminal) || format == "pprof";
}

void check_written(const Format& format, const std::string& harmless, const std::string& hostile,
                   bool terminal) {
  INFO(std::string(format.name) << (terminal ? " on a terminal: " : " in a file: ")
                                << printable(hostile));
  CHECK(shape_of(format.media_type, hostile) == shape_of(format.media_type, harmless));
  // A program must be able to tell from a document what it is.
  if (format.name == "json") {
    const auto document = parse_json(harmless);
    CHECK((document && document->find("schema") != nullptr &&
           document->find("schema")->as_string() != nullptr));
  }
  if (keeps_bytes(format.name, terminal)) return;
  std::string one_line;
  for (const char c : hostile) {
    // Line breaks are part of the structure that was compared.
    if (c != '\n' && !(c == '\r' && format.name == "csv")) one_line += c;
  }
  CHECK(printable(one_line) == one_line);
}

/// `write(format, text, page)` writes a document with `text` in all of its members, and returns
/// false if the format has no such document.
template <class WriteIt>
void check_everywhere(const WriteIt& write) {
  std::size_t formats = 0;
  for (const Format& format : kFormats) {
    StringPage harmless;
    if (!write(format, std::string(kHarmless), harmless)) continue;
    ++formats;
    StringPage hostile;
    write(format, std::string(kHostile), hostile);
    check_written(format, harmless.text(), hostile.text(), false);
    Terminal harmless_terminal(false, kWidth);
    Terminal hostile_terminal(false, kWidth);
    write(format, std::string(kHarmless), harmless_terminal);
    write(format, std::string(kHostile), hostile_terminal);
    check_written(format, harmless_terminal.text, hostile_terminal.text, true);
  }
  CHECK(formats > 0);
}

std::size_t documents_tested = 0;

template <class Make>
void check_document(const Make& make) {
  using Document = decltype(make(std::string()));
  ++documents_tested;
  check_everywhere([&](const Format& format, const std::string& text, Page& page) {
    const Write<Document> write = writer<Document>(format.name);
    if (write == nullptr) return false;
    write(make(text), page);
    return true;
  });
}

// The documents of JSON, which has them all, as formats.h declares them.
std::size_t documents_declared() {
  std::ifstream in(test::source_dir() + "/lib/rz/reports/formats.h");
  const std::string source(std::istreambuf_iterator<char>(in), {});
  const std::size_t begin = source.find("struct Json {");
  return count(source.substr(begin, source.find("};", begin) - begin), "void write(const ");
}

// ---- The documents

Error error_of(const std::string& text) { return {ErrorCode::corrupt, text, text}; }

ComponentHealth component_of(const std::string& text) {
  ComponentHealth component;
  component.name = component.status = component.message = component.last_error = text;
  component.metadata = Value::object({{text, text}});
  return component;
}

BreakerState breaker_of(const std::string& text) {
  BreakerState state;
  state.name = text;
  return state;
}

std::vector<CheckResult> results_of(const std::string& text) {
  std::vector<CheckResult> results;
  for (const auto status : {HealthStatus::healthy, HealthStatus::degraded, HealthStatus::unhealthy,
                            HealthStatus::unknown, HealthStatus::unknown}) {
    CheckResult result;
    result.name = result.type = result.message = text;
    result.status = status;
    result.metadata = Value::object({{text, text}});
    results.push_back(result);
  }
  results.back().skipped = true;
  return results;
}

Listing listing_of(const std::string& text) {
  return {"rz.x/1", "things", {"name", "is_now"}, {{text, Value()}, {1.5, text}}};
}

HealthReport health_of(const std::string& text) {
  HealthReport report;
  report.run.results = results_of(text);
  report.unchecked = health::Unchecked{{component_of(text)}, {breaker_of(text)}, {error_of(text)}};
  report.config_path = text;
  report.tells_places = true;
  report.run.checks.resize(report.run.results.size());
  for (RegisteredCheck& check : report.run.checks) check.options.config_line = 12;
  return report;
}

class NamedCheck final : public HealthCheck {
 public:
  explicit NamedCheck(std::string text) : text_(std::move(text)) {}
  const std::string& name() const override { return text_; }
  std::string_view type() const override { return text_; }
  Millis timeout() const override { return Millis{1}; }
  CheckResult check() override { return {}; }

 private:
  std::string text_;
};

CheckList checks_of(const std::string& text) {
  RegisteredCheck check;
  check.check = std::make_shared<NamedCheck>(text);
  check.options.tags = {text, text};
  return {{check}};
}

HealthState state_of(const std::string& text) {
  HealthState state;
  state.system.status = state.circuit_breaker.state = state.retry.state = text;
  state.system.problems = {{text, text, text}};
  state.resources.cpu = state.resources.memory = state.resources.disk = text;
  state.resources.overall = state.fallback.mode = text;
  state.fallback.cascade_log = Value::array({text});
  state.components = {component_of(text)};
  state.health_checks = {results_of(text).front()};
  return state;
}

Transition transition_of(const std::string& text) {
  Transition transition;
  transition.reason = transition.trigger = transition.actor = transition.host = text;
  transition.detail = text;
  transition.epoch = 1;
  return transition;
}

// A cause is cut at every `;` unless a person wrote it.
Transition change_of(const std::string& text, std::int64_t second, Mode from, Mode to) {
  Transition record = transition_of(text);
  record.trigger = trigger::kManual;
  record.timestamp = TimePoint{std::chrono::seconds{second}};
  record.from = from;
  record.to = to;
  record.epoch = second;
  return record;
}

StatsReport stats_of(const std::string& text) {
  history::AuditQuestion asked;
  asked.window = {TimePoint{}, TimePoint{std::chrono::seconds{100}}};
  asked.periods = {asked.window.begin, asked.window.end};
  asked.objective = history::Objective{99, std::chrono::hours{720}};
  StatsReport report;
  report.audit = history::audit_records(asked, std::nullopt,
                                        {change_of(text, 1, Mode::primary, Mode::safe),
                                         change_of(text, 2, Mode::safe, Mode::primary)});
  report.zone_name = text;
  return report;
}

AuditReport audit_of(const std::string& text) {
  AuditReport report{stats_of(text)};
  report.limits =
      history::judge_limits(report.stats.audit, {.max_transitions = 0, .max_degraded = Millis{0}});
  return report;
}

CascadeAnswer answer_of(const std::string& text) {
  CascadeAnswer answer;
  Evaluation& evaluation = answer.evaluation;
  evaluation.after.since = TimePoint{};
  evaluation.after.reason = evaluation.after.detail = text;
  evaluation.after.pin = Pin{.until = {}, .reason = text, .actor = text};
  evaluation.held = evaluation.remark = text;
  evaluation.decision.reason = evaluation.decision.detail = text;
  evaluation.decision.rules = {{text, Mode::safe, true, text, text, text}};
  evaluation.store.outage = error_of(text);
  evaluation.store.store_lost = text;
  evaluation.store.doubts = {text};
  answer.store = text;
  answer.explain = true;
  return answer;
}

Votes votes_of(const std::string& text) {
  return {.standing = {{.voter = text, .reason = text}, {.voter = text, .reason = text}},
          .own = text,
          .unreadable = {text, text}};
}

CallbackList callbacks_of(const std::string& text) {
  ListedCallback call{transition_of(text)};
  call.ended_at = call.transition.timestamp;
  call.host = text;
  call.output = text;
  return {.calls = {call, call}};
}

PolicyReplay replay_of(const std::string& text) {
  fallback::SimulatedHistory history;
  history.newest = {transition_of(text)};
  return {.scope = text, .replayed = {}, .rows = {{text, history}, {text, history}}};
}

FallbackMetrics metrics_of(const std::string& text) {
  FallbackMetrics metrics;
  metrics.recent_transitions = {transition_of(text)};
  return metrics;
}

CondExplanation explanation_of(const std::string& text) {
  ExplainedPart part;
  part.text = text;
  part.state = ExplainedPart::State::answered;
  part.operands = {{text, text}, {text, "missing"}};
  ExplainedPart whole;
  whole.text = whole.operation = text;
  whole.parts = {part, part};
  return {text,
          {whole, error_of(text), AnswerChange{text, text, text, true, text}, error_of(text)}};
}

bench::BenchRun run_of(const std::string& text) {
  bench::BenchRun run;
  run.name = run.program = run.commit = run.counter = text;
  run.machine = run.conditions = Value::object({{text, text}});
  run.measurements = {{.name = text,
                       .unit = text,
                       .iterations = 1,
                       .samples = {1, 2},
                       .use = bench::ProgramUse{},
                       .error = error_of(text)}};
  return run;
}

BenchReport bench_of(const std::string& text) {
  bench::Comparison comparison;
  comparison.baseline = comparison.baseline_program = text;
  comparison.differences = {{text, text, text, true}};
  comparison.other_machine = true;
  comparison.drifts = {{text, 1.5}};
  comparison.changes = {
      {.name = text, .unit = text, .severity = bench::Severity::failure, .why = text}};
  comparison.only_before = comparison.only_now = {text};
  return {run_of(text), comparison};
}

BenchHistory bench_history_of(const std::string& text) {
  return {{.runs = {run_of(text), run_of(text)},
           .benchmarks = {{.name = text,
                           .unit = text,
                           .runs = {0, 1},
                           .medians = {1, 2},
                           .changes = {{.index = 1, .ratio = 2, .p = 0}},
                           .noise = 0.1}},
           .differences = {{text, text, text, true}}}};
}

LoadReport load_of(const std::string& text) {
  LoadReport report;
  report.options.url = text;
  report.result.endpoints = {{text, 1, 1, {}}, {text, 1, 1, {}}};
  report.result.first_failure = text;
  report.thresholds = {{{.text = text, .metric = text}, 1}, {{.text = text, .metric = text}, {}}};
  report.search = LoadSearch{{{1, true, false, report.thresholds}}, 1, true};
  report.machine = Value::object({{text, text}});
  return report;
}

ProfileReport profile_of(const std::string& text) {
  ProfileReport report{.program = text,
                       .by = text,
                       .profile = profile::Profile({{"cpu", profile::Unit::nanoseconds}}),
                       .exit_code = 1,
                       .is_cut = true,
                       .heap = profile::HeapSummary{}};
  report.profile.add({text, text + text}, 0, 1);
  report.before = profile::Profile({{"samples", profile::Unit::count}});
  report.before->add({text}, 0, 1);
  report.before_name = text;
  return report;
}

ConfigFindings findings_of(const std::string& text) {
  return {.path = text, .name = text, .warnings = {text}};
}

ConfigFindings wrong_findings_of(const std::string& text) {
  return {.path = text, .name = text, .errors = {error_of(text)}, .warnings = {text}};
}

ConfigSettings settings_of(const std::string& text) {
  return {text,
          {{"a.b[0].c", text, text},
           {"a.b[0].d", Value::array({text}), text},
           {"a.e", Value::object({{text, text}}), text},
           {"a.f", nullptr, text}},
          true};
}

}  // namespace

TEST_CASE("no text breaks a document or steers a terminal, in any format") {
  documents_tested = 0;
  check_document(health_of);
  check_document(checks_of);
  check_document(state_of);
  check_document([](auto text) { return ReportedComponent{component_of(text)}; });
  check_document([](auto text) { return IngestedReports{1, {component_of(text)}}; });
  check_document([](auto text) { return FedBreaker{text, breaker_of(text)}; });
  check_document([](auto text) { return Forgotten{"component", text}; });
  check_document(answer_of);
  check_document(votes_of);
  check_document(callbacks_of);
  check_document(replay_of);
  check_document(metrics_of);
  check_document([](auto text) { return Detection{Value::object({{text, text}})}; });
  check_document(audit_of);
  check_document(stats_of);
  check_document(listing_of);
  check_document([](auto) { return Reindexed{1}; });
  check_document([](auto) { return Pruned{1}; });
  check_document([](auto) { return Imported{}; });
  check_document([](auto text) { return CondAnswer{text, true}; });
  check_document(explanation_of);
  check_document([](auto text) { return CondCheck{{1, 1, {error_of(text)}, {error_of(text)}}}; });
  check_document([](auto) { return FilterCounts{}; });
  check_document(bench_of);
  check_document(bench_history_of);
  check_document([](auto text) { return BenchList{{text}}; });
  check_document(load_of);
  check_document(profile_of);
  check_document(findings_of);
  check_document([](auto text) { return ConfigSearch{.found = text, .places = {{text, text}}}; });
  check_document(settings_of);
  check_document([](auto text) { return Failure{"rz.x/1", "x", error_of(text)}; });

  CHECK(documents_tested == documents_declared());
  check_document(wrong_findings_of);
}

TEST_CASE("no text breaks a list of transitions or steers a terminal, in any format") {
  check_everywhere([](const Format& format, const std::string& text, Page& page) {
    const auto write = writer<TransitionsWriter>(format.name);
    if (write == nullptr) return false;
    const Error error = error_of(text);
    const auto list = write(page);
    list->add(transition_of(text));
    list->add(transition_of(text));
    list->finish({&error, false});
    return true;
  });
}

TEST_CASE("CSV in a file has the bytes of the data, which read back as they were") {
  StringPage page;
  const auto list = writer<TransitionsWriter>("csv")(page);
  list->add(transition_of("x\x1b\xff\n\"y\""));
  CHECK(page.text().find(",\"x\x1b\xff\n\"\"y\"\"\",") != std::string::npos);
}

}  // namespace rz::reports
