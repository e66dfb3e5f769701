#include "rz/server/status_page.h"

#include <doctest/doctest.h>

#include <regex>

#include "rz/base/process.h"
#include "sample.h"
#include "support/results.h"

namespace rz::server {

TEST_CASE("nothing that a check says can leave its cell or steer a terminal") {
  const auto report = sample_report(
      {{"<script>alert(1)</script>", HealthStatus::unhealthy, "a\"b'&<img src=x>\x1b]0;\xff"}});
  const std::string table = status_table(report);
  CHECK(table.find("<script") == std::string::npos);
  CHECK(table.find("<img") == std::string::npos);
  CHECK(table.find('\x1b') == std::string::npos);
  CHECK(table.find('\xff') == std::string::npos);
  CHECK(table.find("&lt;script&gt;alert(1)&lt;/script&gt;") != std::string::npos);
  CHECK(table.find("a&quot;b&#39;&amp;&lt;img src=x&gt;\\x1b]0;\\xff") != std::string::npos);
}

TEST_CASE("the page loads nothing, runs nothing, and its policy allows its own style alone") {
  const std::string page =
      status_page({HealthStatus::degraded, "1 <degraded>", 5}, "<table></table>");
  CHECK(page.find("<script") == std::string::npos);
  CHECK(page.find("http:") == std::string::npos);
  CHECK(page.find("src=") == std::string::npos);
  CHECK(page.find("href=") == std::string::npos);
  CHECK(page.find("style=") == std::string::npos);
  CHECK(page.find("1 &lt;degraded&gt;") != std::string::npos);
  CHECK(page.find("content=\"5\"") != std::string::npos);
  CHECK(page.find("prefers-color-scheme:dark") != std::string::npos);
  const std::string& policy = page_policy();
  CHECK(policy.starts_with("default-src 'none'; style-src 'sha256-"));
  CHECK(policy.find("unsafe") == std::string::npos);
}

TEST_CASE("the digest of the policy is that of the style, as openssl computes it") {
  const std::string page = status_page({}, "");
  const std::size_t begin = page.find("<style>") + 7;
  const auto ran =
      run_process({.argv = {"sh", "-c", "openssl dgst -sha256 -binary | openssl base64"},
                   .input = page.substr(begin, page.find("</style>") - begin)});
  const std::string digest = ok(ran).output;
  REQUIRE(digest.size() == 45);
  CHECK(page_policy().find("'sha256-" + digest.substr(0, 44) + "'") != std::string::npos);
}

TEST_CASE("of a void run the page tells why, to those who are told details") {
  reports::HealthReport report = sample_report({{"a"}});
  report.run.void_because = "no route to <x>";
  CHECK(status_table(report).starts_with("<p>The run is void: no route to &lt;x&gt;</p>\n<table>"));
  CHECK(status_table(withhold_details(report)).find("no route") == std::string::npos);
}

TEST_CASE("the worst stands first") {
  const std::string table = status_table(sample_report(
      {{"good"}, {"bad", HealthStatus::unhealthy}, {"slow", HealthStatus::degraded}}));
  CHECK(table.find(">bad<") < table.find(">slow<"));
  CHECK(table.find(">slow<") < table.find(">good<"));
}

}  // namespace rz::server
