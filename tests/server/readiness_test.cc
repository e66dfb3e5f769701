#include "rz/server/readiness.h"

#include <doctest/doctest.h>

#include "sample.h"

namespace rz::server {
namespace {

struct ReadyWorld {
  health::ServeOptions options;
  View view{.options = options};

  explicit ReadyWorld(const std::vector<SampleResult>& results) {
    view.snapshot = sample_snapshot(results);
  }
  std::string body(const std::string& target, const std::string& token = "") const {
    return *get(target, view, "", token).body;
  }
};

}  // namespace

TEST_CASE("it is ok, or a line says what is not, in the words of Kubernetes' endpoints") {
  const ReadyWorld good({{"a"}, {"b", HealthStatus::degraded, "slow"}});
  CHECK(good.body("/ready") == "ok\n");
  CHECK(good.body("/ready?verbose") ==
        "[+]a ok\n[+]b degraded: reason withheld\nready check passed\n");
  const ReadyWorld bad({{"a"},
                        {"b", HealthStatus::unhealthy, "refused"},
                        {"c", HealthStatus::unknown, "no network"}});
  CHECK(bad.body("/ready") ==
        "[+]a ok\n[-]b failed: reason withheld\n[-]c unknown: reason withheld\n"
        "ready check failed\n");
}

TEST_CASE("the reason is told to who asks for it and shows the token") {
  ReadyWorld world({{"b", HealthStatus::unhealthy, "refused\x1b[2J"}});
  CHECK(world.body("/ready?verbose").find("refused") == std::string::npos);
  world.options.token = "secret";
  CHECK(world.body("/ready?verbose", "wrong").find("refused") == std::string::npos);
  CHECK(world.body("/ready", "secret").find("refused") == std::string::npos);
  CHECK(world.body("/ready?verbose", "secret") ==
        "[-]b failed: refused\\x1b[2J\nready check failed\n");
}

TEST_CASE(
    "what is excluded does not count, and what is not there is warned of and excludes nothing") {
  const ReadyWorld world({{"a"}, {"b", HealthStatus::unhealthy}});
  CHECK(get("/ready", world.view).status == 503);
  CHECK(get("/ready?exclude=b", world.view).status == 200);
  CHECK(world.body("/ready?exclude=b&verbose") == "[+]a ok\nready check passed\n");
  const Answer answer = get("/ready?exclude=B&exclude=b%0A", world.view);
  CHECK(answer.status == 503);
  CHECK(answer.body->starts_with(
      "warn: some health checks cannot be excluded: no matches for \"B\", \"b\\n\"\n"));
}

TEST_CASE("a part is a name, or else a tag") {
  const ReadyWorld world({{"db", HealthStatus::unhealthy, "", {"store"}},
                          {"cache", HealthStatus::healthy, "", {"store", "fast"}},
                          {"fast", HealthStatus::unhealthy},
                          {"a/b ä", HealthStatus::healthy}});
  CHECK(get("/ready/cache", world.view).status == 200);
  CHECK(get("/ready/db", world.view).status == 503);
  CHECK(get("/ready/store", world.view).status == 503);
  CHECK(get("/ready/store?exclude=db", world.view).status == 200);
  CHECK(get("/ready/fast", world.view).status == 503);  // The check of that name, not the tag.
  CHECK(get("/ready/a%2Fb%20%C3%A4", world.view).status == 200);
  CHECK(get("/ready/a", world.view).status == 404);
  CHECK(get("/ready/%zz", world.view).status == 404);
}

TEST_CASE("what has been told to stop is not ready, and lives") {
  ReadyWorld world({{"a"}});
  world.view.draining = true;
  CHECK(get("/ready", world.view).status == 503);
  CHECK(get("/ready/a", world.view).status == 503);
  CHECK(world.body("/ready").find("[-]shutdown failed: it has been told to stop\n") !=
        std::string::npos);
  CHECK(get("/health", world.view).status == 200);
  CHECK(get("/live", world.view).status == 200);
}

TEST_CASE("no checks are no yes") {
  const ReadyWorld world({});
  CHECK(get("/ready", world.view).status == 503);
  CHECK(get("/health", world.view).status == 503);
}

TEST_CASE("what does not count does not count in readiness either, and says why") {
  const std::string why = "in maintenance until 04:00";
  const ReadyWorld world({{"a", HealthStatus::healthy, "", {"both"}},
                          {"mt", HealthStatus::unhealthy, "refused", {"both"}, why}});
  for (const char* path : {"/health", "/ready", "/ready/both", "/ready?exclude=other"}) {
    CAPTURE(std::string(path));
    CHECK(get(path, world.view).status == 200);
  }
  CHECK(world.body("/ready?verbose") ==
        "[+]a ok\n[+]mt not counted: in maintenance until 04:00\nready check passed\n");
}

TEST_CASE("where nothing is left that counts nobody knows") {
  const ReadyWorld world({{"a"}, {"mt", HealthStatus::unhealthy, "", {}, "in maintenance"}});
  for (const char* path : {"/ready/mt", "/ready?exclude=a", "/ready?exclude=a&exclude=mt"}) {
    CAPTURE(std::string(path));
    CHECK(get(path, world.view).status == 503);
    CHECK(world.body(path).find("[-]nothing is left that counts\n") != std::string::npos);
  }
  CHECK(world.body("/ready/mt").starts_with("[+]mt not counted: in maintenance\n"));
  const std::string twice = world.body("/ready?exclude=mt&exclude=mt");
  CHECK(twice == "ok\n");
}

TEST_CASE("a void run is no yes, whatever is left out") {
  ReadyWorld world({{"canary", HealthStatus::unknown}, {"a"}});
  auto report = sample_report({{"canary", HealthStatus::unknown}, {"a"}});
  report.run.void_because = "no route to router.internal";
  world.view.snapshot = make_snapshot(report, {}, {});
  world.options.token = "secret";
  for (const char* path : {"/health", "/ready", "/ready/a", "/ready?exclude=canary"}) {
    CAPTURE(std::string(path));
    CHECK(get(path, world.view).status == 503);
  }
  CHECK(world.body("/ready/a") == "[+]a ok\n[-]run void: reason withheld\nready check failed\n");
  CHECK(world.body("/ready/a?verbose", "secret").find("[-]run void: no route to router.internal") !=
        std::string::npos);
  for (const auto& body : world.view.snapshot->withheld.by_format) {
    CHECK(body->find("internal") == std::string::npos);
  }
}

TEST_CASE("a check says itself from when on it is bad, on every path") {
  for (const int degraded_http : {200, 503}) {
    CAPTURE(degraded_http);
    ReadyWorld strict({{"a", HealthStatus::degraded, "", {}, "", HealthStatus::degraded}});
    ReadyWorld lenient({{"a", HealthStatus::degraded, "", {}, "", HealthStatus::unhealthy}});
    strict.options.degraded_http = lenient.options.degraded_http = degraded_http;
    for (const char* path : {"/health", "/ready", "/ready/a"}) {
      CHECK(get(path, strict.view).status == 503);
      CHECK(get(path, lenient.view).status == 200);
    }
    CHECK(strict.body("/ready").starts_with("[-]a degraded: "));
    CHECK(lenient.body("/ready?verbose").starts_with("[+]a degraded: "));
  }
}

}  // namespace rz::server
