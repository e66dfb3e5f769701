// Every field of the JSON that a command prints is named in the command's man page. What a golden
// file shows is looked up there; of what none can show, as it differs from run to run, or needs a
// server, there are rows here.

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <set>
#include <string>

#include "golden.h"
#include "rz/base/json.h"
#include "rz/base/text.h"
#include "rz/cli/programs.h"
#include "support/http_server.h"
#include "support/paths.h"
#include "support/temp_folder.h"

namespace rz::testing {
namespace {

/// The page without markup: fonts, escaped hyphens.
std::string page_text(const std::string& name) {
  std::ifstream in(test::source_dir() + "/man/" + name);
  std::string text(std::istreambuf_iterator<char>(in), {});
  for (const char* markup : {"\\fR", "\\fB", "\\fI", "\\"}) {
    for (std::size_t at = 0; (at = text.find(markup, at)) != std::string::npos;) {
      text.erase(at, std::string(markup).size());
    }
  }
  return text;
}

bool names(const std::string& text, const std::string& word) {
  const auto is_part = [&](std::size_t at) {
    return at < text.size() &&
           (std::isalnum(static_cast<unsigned char>(text[at])) != 0 || text[at] == '_');
  };
  for (std::size_t at = 0; (at = text.find(word, at)) != std::string::npos; ++at) {
    if (!(at > 0 && is_part(at - 1)) && !is_part(at + word.size())) return true;
  }
  return false;
}

void collect(const Value& value, std::set<std::string>& fields) {
  // Members whose own names are data: by component, by check, by key of the configuration.
  static const std::set<std::string> kOpen = {
      "metadata", "components", "health_checks", "config", "origins", "inputs", "machine",
      // In the pages of what they hold: rz(1), rz-transitions(1).
      "error", "recent_transitions", "cascade_log"};
  if (const auto* array = value.as_array()) {
    for (const Value& item : *array) collect(item, fields);
  } else if (const auto* object = value.as_object()) {
    for (const auto& [name, member] : *object) {
      fields.insert(name);
      if (!kOpen.contains(name)) collect(member, fields);
    }
  }
}

void check_fields(const std::string& page, const Value& document) {
  std::set<std::string> fields;
  collect(document, fields);
  CHECK(fields.size() >= 1);
  const std::string text = page_text(page);
  for (const std::string& field : fields) {
    INFO(page << ": " << field);
    CHECK(names(text, field));
  }
}

/// The page of the first program that a line names; empty: it names none.
std::string page_of(const std::string& line) {
  for (const std::string_view word : split(line, ' ')) {
    for (const cli::ProgramName& one : cli::kPrograms) {
      if (word == one.name) return "rz-" + std::string(word) + ".1";
    }
  }
  return "";
}

struct Row {
  const char* page;
  const char* command;
};

}  // namespace

TEST_CASE("an example that asks jq for a member names one that is there") {
  const TempFolder home;
  int found = 0;
  for (const char* name : {"rz-cascade.cc", "rz-health.cc", "rz-cond.cc", "rz-transitions.cc",
                           "rz-bench.cc", "rz-config.cc"}) {
    std::ifstream in(test::source_dir() + "/apps/" + name);
    const std::string text(std::istreambuf_iterator<char>(in), {});
    constexpr std::string_view kAsk = " | jq .";
    for (std::size_t at = 0; (at = text.find(kAsk, at)) != std::string::npos; ++at) {
      const std::size_t begin = text.rfind('"', at) + 1;
      const std::size_t member = at + kAsk.size();
      const std::size_t end = text.find_first_of("\"\\ ", member);
      const std::string command = text.substr(begin, at - begin);
      const std::string asked = text.substr(member, end - member);
      INFO(command, " | jq .", asked);
      const auto document = parse_json(run_step(command, home.path()).output);
      REQUIRE(document.has_value());
      CHECK(document->find(asked) != nullptr);
      ++found;
    }
  }
  CHECK(found >= 3);
}

TEST_CASE("the fields of all JSON are in the manual") {
  const test::HttpServer server;
  const std::string load =
      "rz bench http --url " + server.url() + " -c 1 -d 1h -n 3 --threshold 'p50<1h' --format json";
  const Row rows[] = {
      {"rz-cascade.1", "rz cascade --format json"},
      {"rz-cascade.1", "rz cascade --dry-run --explain --format json"},
      {"rz-cascade.1", "rz cascade set safe --for 1h --reason x --format json"},
      {"rz-cascade.1", "rz cascade status --format json"},
      {"rz-cascade.1", "rz cascade metrics"},
      {"rz-cascade.1",
       "printf 'fallback: {votes: {quorum: 2}}' > two.yaml; echo '{\"system\": "
       "{\"failed_components\":"
       " 2}}' | rz cascade --state - --config two.yaml --explain --format json"},
      {"rz-cascade.1", "rz cascade votes --format json"},
      {"rz-cascade.1",
       "printf 'storage: {url: sqlite:calls.db}\nfallback: {callbacks: {safe: {command: "
       "[false]}}}' > "
       "calls.yaml; rz cascade set safe --config calls.yaml > out; rz cascade callbacks --config "
       "calls.yaml --format json"},
      {"rz-cascade.1",
       "echo '{\"system\": {\"failed_components\": 2}}' | rz cascade --state - --record r > out; "
       "rz cascade replay r --format json"},
      {"rz-cascade.1", "echo '{}' | rz cascade detect"},
      {"rz-cascade.1", "rz cascade release --format json"},
      {"rz-cascade.1", "rz cascade status --storage redis://127.0.0.1:1 --format json"},
      {"rz-health.1", "rz health --format json"},
      {"rz-health.1", "rz health list --format json"},
      {"rz-health.1", "rz health report x failed --format json"},
      {"rz-health.1", "rz health report x started --format json"},
      {"rz-health.1", "rz health report x healthy --format json"},
      {"rz-health.1", "echo '{\"title\":\"y\"}' | rz health ingest datadog --format json"},
      {"rz-health.1", "rz health record failure --format json"},
      {"rz-health.1", "rz health state"},
      {"rz-health.1", "rz health nosuch --format json"},
      {"rz-cond.1", "rz cond eval 'step > 1' --var step=2 --format json"},
      {"rz-cond.1", "rz cond eval 'stpe > 1' --format json"},
      {"rz-cond.1", "rz cond explain 'step > 1 or step < 0' --var step=1 --format json"},
      {"rz-cond.1", "rz cond check 'step > 1 and step < 0' --format json"},
      {"rz-cond.1", "echo '{\"step\":1}' | rz cond filter 'step > 0' -c --format json"},
      {"rz-transitions.1", "rz transitions --format json"},
      {"rz-transitions.1",
       "rz transitions audit --max-safe 0s --slo 99.9% --maintenance 1h/1m --format json"},
      {"rz-transitions.1", "rz transitions stats --format json"},
      {"rz-transitions.1", "rz transitions prune --older-than 1h --format json"},
      {"rz-transitions.1", "rz transitions reindex --format json"},
      {"rz-transitions.1", "rz transitions import /dev/null --format json"},
      {"rz-bench.1", "rz bench --list --format json"},
      {"rz-bench.1", "rz bench --filter cond/parse --rounds 5 --save run.json --format json"},
      {"rz-bench.1", "rz bench --filter cond/parse --rounds 5 --compare run.json --format json"},
      {"rz-bench.1", "rz bench run --rounds 5 --min-time 1ms --format json -- true"},
      {"rz-bench.1", "rz bench history run.json run.json --format json"},
      {"rz-bench.1", load.c_str()},
      {"rz-config.1", "rz config check --format json"},
      {"rz-config.1", "echo 'x: 1' | rz config check - --format json"},
      {"rz-config.1", "rz config show --origin --format json"},
      {"rz-config.1", "rz config path --format json"},
      {"rz-cond.1", "rz cond --frobnicate --format json"},
      {"rz.1", "rz frobnicate --format json"},
  };
  const TempFolder home;
  for (const Row& row : rows) {
    const GoldenStep step = run_step(row.command, home.path());
    INFO(row.command);
    const auto document = parse_json(step.output);
    REQUIRE(document.has_value());
    check_fields(row.page, *document);
  }
}

TEST_CASE("the fields of the documents in golden files are in the manual") {
  int documents = 0;
  const std::string folder = test::source_dir() + "/tests/cli/golden";
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    for (const GoldenStep& step : read_golden(entry.path().string()).steps) {
      const auto document = parse_json(step.output);
      const Value* const schema = document ? document->find("schema") : nullptr;
      const std::string page = page_of(step.command);
      if (schema == nullptr || page.empty()) continue;
      INFO(entry.path().string() << ":" << step.line);
      check_fields(page, *document);
      ++documents;
    }
  }
  CHECK(documents >= 20);
}

}  // namespace rz::testing
