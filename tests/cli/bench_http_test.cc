// `rz bench http` against real servers: what it answers, and by which exit code.

#include <doctest/doctest.h>

#include <fstream>
#include <string>

#include "golden.h"
#include "rz/base/json.h"
#include "support/http_server.h"
#include "support/temp_folder.h"

namespace rz::testing {
namespace {

using test::HttpServer;
using test::HttpServerReply;
using test::HttpServerRequest;

/// A closed loop of `requests`, which ends by their number alone.
GoldenStep load(const std::string& url, int requests, const std::string& more = "") {
  const TempFolder home;
  return run_step("rz bench http --url " + url + " -c 2 -d 1h --timeout 10m -n " +
                      std::to_string(requests) + " " + more,
                  home.path());
}

std::int64_t number(const Value& document, const std::string& name) {
  const Value* member = document.find(name);
  REQUIRE_MESSAGE(member != nullptr, name);
  REQUIRE_MESSAGE(member->as_int() != nullptr, name);
  return *member->as_int();
}

Value document_of(const GoldenStep& step) {
  auto document = parse_json(step.output);
  REQUIRE(document.has_value());
  return *document;
}

TEST_CASE("a run is reported in each format") {
  HttpServer server;
  const GoldenStep text = load(server.url("/x?token=secret"), 20);
  CHECK(text.exit_code == 0);
  CHECK(text.error == "");
  CHECK(text.output.starts_with(server.url("/x") + "  closed loop, 2 connections, HTTP/1.1\n"));
  CHECK(text.output.find("CORRECTED") != std::string::npos);
  CHECK(text.output.find("secret") == std::string::npos);
  CHECK(server.requests().front().target == "/x?token=secret");

  const GoldenStep json = load(server.url(), 20, "--format json");
  const Value document = document_of(json);
  CHECK(number(document, "answers") == 20);
  CHECK(number(*document.find("statuses"), "2xx") == 20);
  CHECK(number(*document.find("latency_ms"), "count") == 20);
  CHECK(document.find("latency_corrected_ms")->find("p99") != nullptr);

  const GoldenStep csv = load(server.url(), 20, "--format csv");
  CHECK(csv.output.starts_with("endpoint,answers,errors,min_ms,mean_ms,p50_ms,"));
  CHECK(csv.output.find("\nall,20,0,") != std::string::npos);
  const GoldenStep markdown = load(server.url(), 20, "--format markdown");
  CHECK(markdown.output.find("| p99 |") != std::string::npos);
  const GoldenStep github = load(server.url(), 20, "--format github");
  CHECK(github.output.starts_with("::notice title=load on "));
}

TEST_CASE("thresholds decide the exit code") {
  HttpServer server([](const HttpServerRequest& request) {
    return HttpServerReply{.status = request.target == "/bad" ? 500 : 200};
  });
  CHECK(load(server.url(), 10, "--threshold 'error_rate<1%' --threshold 'answers>=10'").exit_code ==
        0);
  const GoldenStep bad = load(server.url("/bad"), 10, "--threshold 'error_rate<1%' --format json");
  CHECK(bad.exit_code == 1);
  const Value outcome = document_of(bad).find("thresholds")->as_array()->front();
  CHECK(*outcome.find("met")->as_bool() == false);
  CHECK(*outcome.find("value")->as_double() == 100);
  // There is no TLS to be judged.
  const GoldenStep unknown = load(server.url(), 10, "--threshold 'tls_p99<1s'");
  CHECK(unknown.exit_code == 3);
  CHECK(unknown.error.find("cannot be judged") != std::string::npos);
  const GoldenStep github =
      load(server.url("/bad"), 10, "--threshold 'error_rate<1%' --format github");
  CHECK(
      github.output.starts_with("::error title=threshold of the load::error_rate<1%25: 100%25\n"));
}

TEST_CASE("where nothing is answered nothing can be told") {
  HttpServer server(HttpServerReply{.raw = "rubbish\r\n"});
  const GoldenStep step = load(server.url(), 5);
  CHECK(step.exit_code == 3);
  CHECK(step.output.find("5 bad_head: the head of an answer is not HTTP") != std::string::npos);
  CHECK(step.error.find("no request was answered") != std::string::npos);
  for (const char* threshold : {"error_rate<1%", "error_rate<=100%", "answers<1"}) {
    CAPTURE(std::string(threshold));
    const GoldenStep judged = load(server.url(), 5, "--threshold '" + std::string(threshold) + "'");
    CHECK(judged.exit_code == 3);
    CHECK(judged.error.find("no request was answered") != std::string::npos);
  }
}

TEST_CASE("the request is the command line's, or the configuration's") {
  HttpServer server;
  const TempFolder home;
  std::ofstream(home / "body") << "from a file";
  const std::string limits = " -c 1 -d 1h --timeout 10m -n 4";
  CHECK(run_step("rz bench http --url " + server.url("/p") + limits +
                     " --body-file body --header 'X-One: 1' --header 'X-Two: 2'",
                 home.path())
            .exit_code == 0);
  const HttpServerRequest sent = server.requests().front();
  CHECK(sent.method == "POST");
  CHECK(sent.target == "/p");
  CHECK(sent.body == "from a file");
  CHECK(sent.header("x-two") == "2");

  std::ofstream(home / "rz.yaml") << "bench:\n  http:\n    url: " << server.url("") << R"(
    requests: 4
    connections: 1
    duration: 1h
    timeout: 10m
    headers: ["Authorization: Bearer ${TOKEN}"]
    endpoints:
      - {path: /a, weight: 3}
      - {name: write, method: PUT, path: /b, body: text}
    thresholds: ["errors<1"]
)";
  const GoldenStep step =
      run_step("TOKEN=hidden rz --config rz.yaml bench http --format json", home.path());
  CHECK(step.exit_code == 0);
  CHECK(step.output.find("hidden") == std::string::npos);
  const Value document = document_of(step);
  const Value::Array& endpoints = *document.find("endpoints")->as_array();
  REQUIRE(endpoints.size() == 2);
  CHECK(*endpoints[0].find("name")->as_string() == "GET /a");
  CHECK(number(endpoints[0], "answers") == 3);
  CHECK(*endpoints[1].find("name")->as_string() == "write");
  CHECK(document.find("thresholds")->as_array()->size() == 1);
  const auto requests = server.requests();
  CHECK(requests.size() == 8);
  CHECK(requests.back().header("authorization") == "Bearer hidden");
}

TEST_CASE("a run that is told to stop prints what there is") {
  HttpServer server;
  const TempFolder home;
  const GoldenStep step = run_step(
      // A command of its own, so that $! is rz.
      ":; rz bench http --url " + server.url() +
          " -d 1h --timeout 10m --save run.json --format json > out & "
          // Until it catches the signal.
          "until grep -Eq 'SigCgt:.*[4-7c-f][0-9a-f]{3}$' /proc/$!/status; do sleep 0.05; done; "
          "kill $!; wait $!; echo $?; cat out",
      home.path());
  CAPTURE(step.output);
  CAPTURE(step.error);
  CHECK(step.output.starts_with("143\n{"));
  CHECK(step.output.find("\"interrupted\":true") != std::string::npos);
  for (const char* format : {"text", "markdown", "github", "csv", "html"}) {
    CAPTURE(std::string(format));
    const GoldenStep kept =
        run_step(std::string("rz bench report run.json --format ") + format, home.path());
    CHECK(kept.output.find("interrupted") != std::string::npos);
  }
}

TEST_CASE("a search for the highest rate has its steps in the report") {
  HttpServer server;
  const TempFolder home;
  // However slow the machine: the goal is met wherever there is an answer in time.
  const GoldenStep step =
      run_step("rz bench http --url " + server.url() +
                   " --rate 10 --max-rate 20 -d 300ms --warm-up 0s --timeout 10m --queue 1000 "
                   "--find-max 'answers>=1' --format json",
               home.path());
  const Value document = document_of(step);
  CAPTURE(step.error);
  REQUIRE(document.find("search") != nullptr);
  const Value& search = *document.find("search");
  REQUIRE(search.find("steps")->as_array()->size() >= 1);
  // A sender that is late can tell nothing, and says so.
  CHECK((step.exit_code == 0 || step.exit_code == 3));
  if (step.exit_code == 0) CHECK(search.find("best_rate")->is_number());
}

GoldenStep search(const std::string& url, const std::string& more) {
  const TempFolder home;
  return run_step("rz bench http --url " + url +
                      " --rate 10 --max-rate 20 -d 200ms --warm-up 0s --timeout 10m --queue 1000 "
                      "--find-max 'p50<1h' " +
                      more,
                  home.path());
}

// A sender that is late on a busy machine answers 3 as well: the messages tell which it was.
TEST_CASE("a rate at which requests fail is not the highest, unless a goal lets them") {
  HttpServer server(HttpServerReply{.status = 500});
  const GoldenStep step = search(server.url(), "");
  CAPTURE(step.output);
  CHECK(step.output.find("no rate meets the goals") != std::string::npos);
  if (step.exit_code != 3) {
    CHECK(step.exit_code == 1);
    CHECK(step.error.find("had no answer, or a status of 400 or more") != std::string::npos);
  }
  const GoldenStep allowed = search(server.url(), "--find-max 'error_rate<=100%'");
  CHECK((allowed.exit_code == 0 || allowed.exit_code == 3));

  HttpServer broken(HttpServerReply{.raw = "rubbish\r\n"});
  const GoldenStep nothing = search(broken.url(), "--find-max 'error_rate<=100%'");
  CHECK(nothing.exit_code == 3);
  CHECK(nothing.output.find("no rate meets the goals") != std::string::npos);
}

TEST_CASE("an option that means nothing without another one is refused") {
  HttpServer server;
  for (const char* given : {"--arrivals poisson", "--queue 5", "--max-rate 5", "--streams 2",
                            "--ca /nonexistent", "--insecure"}) {
    const std::string option = given;
    CAPTURE(option);
    const GoldenStep step = load(server.url(), 2, option);
    CHECK(step.exit_code == 3);
    CHECK(step.error.starts_with("rz bench: " + option.substr(0, option.find(' ')) + ": is "));
  }
  CHECK(server.requests().empty());
}

TEST_CASE("thresholds are goals of a search as well") {
  HttpServer server;
  const GoldenStep step = search(server.url(), "--threshold 'status_2xx<1'");
  CAPTURE(step.error);
  CHECK(step.output.find("status_2xx<1") != std::string::npos);
  CHECK((step.exit_code == 1 || step.exit_code == 3));
}

}  // namespace
TEST_CASE("a load that is kept is reported later in any format, and is no baseline") {
  HttpServer server(HttpServerReply{});
  const TempFolder home;
  const auto run = [&home](const std::string& line) { return run_step(line, home.path()); };
  const GoldenStep kept = run("rz bench http --url " + server.url("/") +
                              " -c 2 -d 1h -n 20 --save run.json --format json");
  REQUIRE(kept.exit_code == 0);
  CHECK(run("rz bench report run.json --format json").output == kept.output);
  CHECK(run("rz bench report - < run.json --format csv").exit_code == 0);
  CHECK(run("rz bench report run.json --compare run.json").error ==
        "rz bench: --compare: is for benchmarks, and this is a load of HTTP: run.json\n");
  CHECK(
      run("sed -i 's/\"answered\":20/\"answered\":21/' run.json; rz bench report run.json").error ==
      "rz bench: run.json: statuses: the statuses are not as many as the answers\n");
  CHECK(run("rz bench http --url " + server.url("/") + " --save /nonexistent/run.json").error ==
        "rz bench: --save: no such folder: /nonexistent\n");
}

}  // namespace rz::testing
