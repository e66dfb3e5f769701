#include "rz/server/readiness.h"

#include <algorithm>
#include <vector>

#include "rz/base/percent_encoding.h"
#include "rz/base/text.h"

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
  for (const std::string& name : names) {
    const std::size_t gone =
        std::erase_if(lines, [&](const Snapshot::Line* line) { return line->name == name; });
    if (gone == 0) unknown.push_back("\"" + printable(name) + "\"");
  }
  if (unknown.empty()) return "";
  return "warn: some health checks cannot be excluded: no matches for " + join(unknown, ", ") +
         "\n";
}

// `told`: the reason is shown; otherwise it is withheld, as it may name hosts and say what is wrong
// with them.
std::string line_of(const Snapshot::Line& line, const health::ServeOptions& options, bool told) {
  const bool passes = status_code(line.status, options) == 200;
  std::string text = std::string(passes ? "[+]" : "[-]") + printable(line.name);
  if (line.status == HealthStatus::healthy) return text + " ok\n";
  text += line.status == HealthStatus::unhealthy ? std::string(" failed")
                                                 : std::string(" ") + to_string(line.status);
  return text + ": " + (told ? printable(line.text) : "reason withheld") + "\n";
}

HealthStatus status_of(const Lines& lines) {
  HealthStatus status = HealthStatus::healthy;
  for (const Snapshot::Line* line : lines) status = worst(status, line->status);
  return status;
}

Answer plain(int status, std::string text) {
  return make_answer(status, kPlainText, std::move(text));
}

Answer judge(const Lines& lines, const std::string& warning, HealthStatus status,
             const Request& request, const Target& target, const View& view) {
  const bool verbose = target.has("verbose");
  const bool told = verbose && shows_token(request.authorization, view.options.token);
  const int code = view.draining ? 503 : status_code(status, view.options);
  if (code == 200 && !verbose) return plain(200, warning + "ok\n");
  std::string text = warning;
  for (const Snapshot::Line* line : lines) text += line_of(*line, view.options, told);
  if (view.draining) text += "[-]shutdown failed: it has been told to stop\n";
  text += code == 200 ? "ready check passed\n" : "ready check failed\n";
  return plain(code, std::move(text));
}

}  // namespace

int status_code(HealthStatus status, const health::ServeOptions& options) {
  switch (status) {
    case HealthStatus::healthy: return 200;
    case HealthStatus::degraded: return options.degraded_http;
    case HealthStatus::unhealthy:
    case HealthStatus::unknown: return 503;
  }
  return 503;
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
  const bool any = !lines.empty();
  const std::string warning = exclude(target.all("exclude"), lines);
  // Where there were no lines from the beginning nothing is known; without those that the request
  // does not ask for, what is left decides.
  const HealthStatus status = any ? status_of(lines) : snapshot.status;
  return judge(lines, warning, status, request, target, view);
}

}  // namespace rz::server
