#include "rz/server/readiness.h"

#include <algorithm>
#include <set>
#include <vector>

#include "rz/base/percent_encoding.h"
#include "rz/base/text.h"
#include "rz/health/judging/run_verdict.h"

namespace rz::server {
namespace {

using Lines = std::vector<const Snapshot::Line*>;

Lines all_lines(const Snapshot& snapshot) {
  Lines lines;
  for (const Snapshot::Line& line : snapshot.lines) lines.push_back(&line);
  return lines;
}

// A name outranks a tag. A component and a check may share one: both count.
Lines lines_of(const Snapshot& snapshot, const std::string& name) {
  Lines named;
  Lines tagged;
  for (const Snapshot::Line& line : snapshot.lines) {
    if (line.name == name) named.push_back(&line);
    if (std::find(line.tags.begin(), line.tags.end(), name) != line.tags.end()) {
      tagged.push_back(&line);
    }
  }
  return named.empty() ? tagged : named;
}

// What is left without those that the request excludes. Kubernetes' servers do not fail where there
// is no such check but warn, and go on: to exclude nothing is the stricter answer.
std::string exclude(const std::vector<std::string>& names, Lines& lines) {
  std::vector<std::string> unknown;
  for (const std::string& name : std::set<std::string>(names.begin(), names.end())) {
    const std::size_t gone =
        std::erase_if(lines, [&](const Snapshot::Line* line) { return line->name == name; });
    if (gone == 0) unknown.push_back("\"" + printable(name) + "\"");
  }
  if (unknown.empty()) return "";
  return "warn: some health checks cannot be excluded: no matches for " + join(unknown, ", ") +
         "\n";
}

// With what is bad from degraded on, or from unhealthy on, where a check does not say it itself.
HealthStatus fail_on(const health::ServeOptions& options) {
  return options.degraded_http == 200 ? HealthStatus::unhealthy : HealthStatus::degraded;
}

// The lines as a report, so that one rule says everywhere what counts and what is bad.
CheckReport report_of(const Lines& lines, const Snapshot& snapshot) {
  CheckReport report;
  report.void_because = snapshot.void_because;
  for (const Snapshot::Line* line : lines) {
    report.checks.emplace_back().options.fail_on = line->fail_on;
    CheckResult& result = report.results.emplace_back();
    result.status = line->status;
    result.uncounted = line->uncounted;
  }
  return report;
}

// `told`: the reason is shown; otherwise it is withheld, as it may name hosts and say what is wrong
// with them. Why a line does not count names none.
std::string line_of(const Snapshot::Line& line, bool bad, bool told) {
  std::string text = std::string(bad ? "[-]" : "[+]") + printable(line.name);
  if (!line.uncounted.empty()) return text + " not counted: " + printable(line.uncounted) + "\n";
  if (line.status == HealthStatus::healthy) return text + " ok\n";
  text += line.status == HealthStatus::unhealthy ? std::string(" failed")
                                                 : std::string(" ") + to_string(line.status);
  return text + ": " + (told ? printable(line.text) : "reason withheld") + "\n";
}

// Why the lines are no yes although none of them is bad. Empty: they are not of that kind.
std::string beside_lines(const CheckReport& report, bool told) {
  if (!report.void_because.empty()) {
    return "[-]run void: " + (told ? printable(report.void_because) : "reason withheld") + "\n";
  }
  const bool any = std::any_of(report.results.begin(), report.results.end(),
                               [](const CheckResult& each) { return each.uncounted.empty(); });
  return any ? "" : "[-]nothing is left that counts\n";
}

int code_of(const CheckReport& report, const health::ServeOptions& options) {
  return health::verdict_of(report, fail_on(options)) == health::Verdict::yes ? 200 : 503;
}

Answer plain(int status, std::string text) {
  return make_answer(status, kPlainText, std::move(text));
}

Answer judge(const Lines& lines, const std::string& warning, const Request& request,
             const Target& target, const View& view) {
  const CheckReport report = report_of(lines, *view.snapshot);
  const bool verbose = target.has("verbose");
  const bool told = verbose && shows_token(request.authorization, view.options.token);
  const int code = view.draining ? 503 : code_of(report, view.options);
  if (code == 200 && !verbose) return plain(200, warning + "ok\n");
  std::string text = warning;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    text += line_of(*lines[i], health::is_bad(report, i, fail_on(view.options)), told);
  }
  text += beside_lines(report, told);
  if (view.draining) text += "[-]shutdown failed: it has been told to stop\n";
  text += code == 200 ? "ready check passed\n" : "ready check failed\n";
  return plain(code, std::move(text));
}

}  // namespace

int status_code(const Snapshot& snapshot, const health::ServeOptions& options) {
  return code_of(report_of(all_lines(snapshot), snapshot), options);
}

Answer readiness(const Request& request, const Target& target, const View& view) {
  if (const auto error = cannot_tell(view)) {
    return text_answer(503, "unknown: " + printable(to_string(*error)));
  }
  const Snapshot& snapshot = *view.snapshot;
  Lines lines = all_lines(snapshot);
  if (target.path.starts_with(kReadyPart)) {
    const auto name = percent_decode(target.path.substr(kReadyPart.size()));
    lines = name ? lines_of(snapshot, *name) : Lines{};
    if (lines.empty()) {
      return text_answer(404, "no check, component or tag has this name");
    }
  }
  const std::string warning = exclude(target.all("exclude"), lines);
  return judge(lines, warning, request, target, view);
}

}  // namespace rz::server
