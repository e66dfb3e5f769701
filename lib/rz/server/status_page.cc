#include "rz/server/status_page.h"

#include <vector>

#include "rz/reports/html/html_text.h"

namespace rz::server {

using reports::html_text;

namespace {

// Colours have enough contrast on both backgrounds, and each status is written out, too.
constexpr std::string_view kStyle = R"(
:root{color-scheme:light dark;--healthy:#18794e;--degraded:#946800;--unhealthy:#cd2b31;--unknown:#60646c;--line:#d9d9e0}
@media(prefers-color-scheme:dark){:root{--healthy:#4cc38a;--degraded:#f5c451;--unhealthy:#ff8b8b;--unknown:#b0b4ba;--line:#43484e}}
body{font:16px/1.5 system-ui,sans-serif;max-width:72rem;margin:2rem auto;padding:0 1rem}
table{border-collapse:collapse;width:100%}
th,td{text-align:left;vertical-align:top;padding:.4rem .6rem;border-bottom:1px solid var(--line);overflow-wrap:anywhere}
td:first-child{white-space:nowrap;font-weight:600}
.healthy{color:var(--healthy)}.degraded{color:var(--degraded)}.unhealthy{color:var(--unhealthy)}.unknown{color:var(--unknown)}
)";

std::string status_cell(HealthStatus status) {
  const std::string word = to_string(status);
  return "<td class=\"" + word + "\">" + word + "</td>";
}

}  // namespace

std::string status_table(const reports::HealthReport& report) {
  const std::string& why = report.run.void_because;
  std::string table = why.empty() ? "" : "<p>The run is void: " + html_text(why) + "</p>\n";
  table +=
      "<table>\n<thead><tr><th scope=\"col\">Status</th><th scope=\"col\">Name</th>"
      "<th scope=\"col\">Type</th><th scope=\"col\">Message</th></tr></thead>\n<tbody>\n";
  for (const reports::ReportLine& line : worst_first(report.lines())) {
    table += "<tr>" + status_cell(line.result.status) + "<td>" + html_text(line.result.name) +
             "</td><td>" + html_text(line.result.type) + "</td><td>" + html_text(line.text()) +
             "</td></tr>\n";
  }
  return table + "</tbody>\n</table>\n";
}

std::string status_page(const PageHead& head, std::string_view table) {
  const std::string status = to_string(head.status);
  return "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
         "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
         "<meta http-equiv=\"refresh\" content=\"" +
         std::to_string(head.refresh_seconds) + "\">\n<title>" + status +
         " - rz health</title>\n<style>" + std::string(kStyle) +
         "</style>\n</head>\n<body>\n<main>\n<h1 class=\"" + status + "\">" + status +
         "</h1>\n<p>" + html_text(head.summary) + "</p>\n" + std::string(table) +
         "</main>\n</body>\n</html>\n";
}

const std::string& page_policy() {
  static const std::string kPolicy =
      "default-src 'none'; style-src " + reports::html_digest(kStyle) +
      "; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
  return kPolicy;
}

}  // namespace rz::server
