// What a browser makes of the pages: their script runs under their own policy, all text can be
// read, in the light and in the dark, on a phone and on a wide screen, and all of it is reached by
// keys; and it is all there on paper and without their script. What looks is in readers/. Needs
// chromium; where there is none, that is said, and in continuous integration it is a failure.

#include <doctest/doctest.h>

#include <optional>
#include <string>
#include <vector>

#include "bench_results.h"
#include "history_results.h"
#include "profile_results.h"
#include "rz/base/file.h"
#include "rz/base/process.h"
#include "rz/base/text.h"
#include "rz/reports/html/html_text.h"
#include "rz/reports/transitions.h"
#include "support/installed_tool.h"
#include "support/paths.h"
#include "support/patience.h"
#include "support/temp_folder.h"
#include "written.h"

namespace rz::reports {
namespace {

using testing::audited_change;
using testing::contains;
using testing::written;

const std::string kWhy = "multiple_failures(2); <b>why</b>";

std::vector<Transition> looked_at_records() {
  return {audited_change("2026-01-01T06:00:00Z", Mode::primary, Mode::safe, 1, kWhy),
          audited_change("2026-01-01T06:30:00Z", Mode::safe, Mode::primary, 2, "recovered"),
          audited_change("2026-01-02T12:00:00Z", Mode::primary, Mode::heuristic, 3,
                         "circuit_open(12s)"),
          audited_change("2026-01-02T20:00:00Z", Mode::heuristic, Mode::primary, 4, "recovered")};
}

// Three days, with modes of all kinds, maintenance, a budget and limits.
AuditReport looked_at_audit() {
  history::AuditQuestion asked;
  const TimePoint begin = *parse_timestamp("2026-01-01T00:00:00Z");
  const auto day = std::chrono::hours{24};
  asked.window = {begin, begin + 3 * day};
  asked.periods = {begin, begin + day, begin + 2 * day, begin + 3 * day};
  asked.objective = history::Objective{99, 3 * day};
  asked.maintenance = {{begin + 2 * day, begin + 2 * day + std::chrono::hours{2}}};
  AuditReport report;
  report.stats.audit = history::audit_records(asked, history::KnownMode{begin, Mode::primary, 0},
                                              looked_at_records());
  report.limits = history::judge_limits(
      report.stats.audit, {.max_transitions = 5, .max_degraded = Millis{20 * 60'000}});
  return report;
}

std::string looked_at_list() {
  StringPage page;
  const auto writer = Html::begin_list(page);
  for (const Transition& record : looked_at_records()) writer->add(record);
  Result<StatsReport> modes = looked_at_audit().stats;
  modes->audit.periods.clear();
  writer->finish({.modes = &modes});
  return page.text();
}

std::vector<std::string> looked_at_pages() {
  return {written(looked_at_audit(), "html"),
          written(looked_at_audit().stats, "html"),
          looked_at_list(),
          written(testing::looked_at_bench(), "html"),
          written(testing::looked_at_load(false), "html"),
          written(testing::looked_at_load(true), "html")};
}

std::string file_text(const std::string& path) {
  const auto text = read_file(path, 1'000'000);
  REQUIRE_MESSAGE(text.has_value(), path);
  return *text;
}

std::string reader(const std::string& name) {
  return file_text(test::source_dir() + "/tests/reports/readers/" + name);
}

// The page, with what looks at it allowed beside its own script.
std::string with_looker(std::string page, const std::string& name) {
  const std::string looker = reader(name);
  const std::string allowed = "script-src ";
  page.insert(page.find(allowed) + allowed.size(), html_digest(looker) + " ");
  page.insert(page.find("</body>"), "<script>" + looker + "</script>\n");
  return page;
}

// Markup as the value of an attribute.
std::string html_text_of_markup(const std::string& page) {
  std::string text;
  for (const char c : page) {
    if (c == '&') {
      text += "&amp;";
    } else if (c == '"') {
      text += "&quot;";
    } else {
      text += c;
    }
  }
  return text;
}

// A browser has a least width, so a phone is a frame in it.
std::string frame_of(int width) {
  return "<!doctype html><iframe width=\"" + std::to_string(width) +
         "\" height=\"4000\" src=\"page.html\"></iframe><pre id=\"said\"></pre><script>"
         "onmessage=e=>{document.getElementById(\"said\").textContent=e.data}</script>";
}

// The page may run no script, but what is around it may, and looks into it.
std::string frame_without_script(const std::string& page, int width) {
  return "<!doctype html><iframe sandbox=\"allow-same-origin\" width=\"" + std::to_string(width) +
         "\" height=\"4000\" srcdoc=\"" + html_text_of_markup(page) +
         "\"></iframe><pre id=\"said\"></pre><script>" + reader("look_without_script.js") +
         "</script>";
}

/// The document of a file once its scripts have run; nothing: there is no browser.
std::optional<std::string> document_in_browser(const TempFolder& folder, const std::string& name,
                                               bool dark) {
  ProcessOptions options;
  options.argv = {"/usr/bin/chromium",
                  "--headless",
                  "--no-sandbox",
                  "--disable-gpu",
                  "--disable-dev-shm-usage",
                  "--user-data-dir=" + (folder / "profile"),
                  std::string("--blink-settings=preferredColorScheme=") + (dark ? "0" : "1"),
                  "--window-size=1600,4200",
                  "--virtual-time-budget=10000",
                  "--dump-dom",
                  "file://" + (folder / name)};
  options.timeout = test::kPatience;
  const auto run = run_process(options);
  if (!run) return std::nullopt;
  return run->output + run->error;
}

/// What stands between these.
std::string between(const std::string& text, const std::string& begin, const std::string& end) {
  const std::size_t at = text.find(begin);
  REQUIRE_MESSAGE(at != std::string::npos, text);
  const std::size_t from = at + begin.size();
  return text.substr(from, text.find(end, from) - from);
}

// What the browser says of the document of these files.
std::optional<std::string> said_of(const TempFolder& folder, const std::string& document,
                                   bool dark) {
  REQUIRE(write_file(folder / "frame.html", document).has_value());
  const auto seen = document_in_browser(folder, "frame.html", dark);
  if (!seen) return std::nullopt;
  return between(*seen, "<pre id=\"said\">", "</pre>");
}

/// What `looker` says of the page; nothing: there is no browser.
std::optional<std::string> looked_at(const std::string& page, const std::string& looker, int width,
                                     bool dark) {
  const TempFolder folder;
  REQUIRE(write_file(folder / "page.html", with_looker(page, looker)).has_value());
  return said_of(folder, frame_of(width), dark);
}

// What a reader needs of a page about the history, as text that can be seen.
void check_history_is_told(const std::string& text) {
  for (const std::string part :
       {"Availability", "whole window", "last 24h", "Modes over time", "primary",
        "2026-01-01T06:00:00Z", "multiple_failures(2); &lt;b&gt;why&lt;/b&gt;"}) {
    CHECK_MESSAGE(contains(text, part), part);
  }
}

constexpr int kPaperWidth = 718;  // A4 with the margins of a browser.

// Zooms into a function, searches, and goes back; what it then sees stands in the picture.
constexpr const char* kFlameGraphUser = R"js(<script>
const said = [], at = id => document.getElementById(id);
const boxes = [...document.querySelectorAll("svg.f")];
const box = name => boxes.find(b => b.querySelector("text").textContent === name);
box("parse").querySelector("rect").dispatchEvent(new MouseEvent("click", {bubbles: true}));
said.push(box("parse").getAttribute("width"), at("told").textContent);
at("search").value = "PUSH";
at("search").dispatchEvent(new Event("input"));
said.push(at("told").textContent, document.querySelectorAll(".hit").length);
at("reset").click();
said.push(box("parse").getAttribute("width"));
document.documentElement.setAttribute("data-said", said.join(" | "));
</script>)js";

}  // namespace

TEST_CASE("a browser finds nothing wrong with the pages, on any screen, in any light") {
  for (const std::string& page : looked_at_pages()) {
    for (const int width : {390, 1280}) {
      for (const bool dark : {false, true}) {
        const auto said = looked_at(page, "look_at_page.js", width, dark);
        if (!said) {
          test::say_not_tried("chromium is not installed");
          return;
        }
        CAPTURE(width);
        CAPTURE(dark);
        CHECK(*said == "nothing is wrong");
      }
    }
  }
}

TEST_CASE("on paper all of a page is there, on white, and nothing that only a screen can do") {
  std::size_t pages = 0;
  for (const std::string& page : looked_at_pages()) {
    CAPTURE(pages);
    const auto said = looked_at(page, "print_page.js", kPaperWidth, pages % 2 == 0);
    if (!said) {
      test::say_not_tried("chromium is not installed");
      return;
    }
    CHECK(said->substr(0, said->find("== ")) == "\n");
    if (++pages <= 3) check_history_is_told(*said);
  }
}

TEST_CASE("without script all of a page is there, and nothing that needs one") {
  std::size_t pages = 0;
  for (const std::string& page : looked_at_pages()) {
    CAPTURE(pages);
    const TempFolder folder;
    const auto said = said_of(folder, frame_without_script(page, 390), false);
    if (!said) {
      test::say_not_tried("chromium is not installed");
      return;
    }
    CHECK(said->substr(0, said->find("== ")) == "\n");
    if (++pages <= 3) check_history_is_told(*said);
  }
}

TEST_CASE("a flame graph zooms and searches in a browser") {
  const TempFolder folder;
  std::string picture = written(testing::cpu_profile(), "svg");
  picture.insert(picture.rfind("</svg>"), kFlameGraphUser);
  REQUIRE(write_file(folder / "flame.svg", picture).has_value());
  const auto document = document_in_browser(folder, "flame.svg", false);
  if (!document) {
    test::say_not_tried("chromium is not installed");
    return;
  }
  CHECK(between(*document, "data-said=\"", "\"") ==
        "100% | parse: 90.0 ns, 90.0%; itself 60.0 ns, 60.0% | Matches: 1, 30.0% of the whole | "
        "1 | 90%");
}

}  // namespace rz::reports
