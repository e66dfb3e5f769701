#include "transitions_window.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include "rz/base/counted.h"
#include "rz/base/text.h"
#include "rz/base/try.h"
#include "rz/health/judging/maintenance.h"
#include "rz/runtime/history_audit.h"

namespace rz::apps {
namespace {

Result<void> add_maintenance(const AuditOptions& options, history::AuditQuestion& question) {
  TRY_ASSIGN(const auto times,
             health::maintenance_between(options.maintenance, history::read_from(question),
                                         question.window.end));
  for (const health::OpenMaintenance& one : times) {
    question.maintenance.push_back({one.begin, one.end});
  }
  return {};
}

}  // namespace

Result<AuditOptions> configured_audit(cli::Context& context) {
  TRY_ASSIGN(const config::Config* config, context.runtime().config());
  return config->fallback.audit;
}

bool writes_page(const cli::Context& context, const std::vector<ReportFile>& files) {
  constexpr std::string_view kPage = "html";
  return context.options().format == kPage ||
         std::any_of(files.begin(), files.end(),
                     [&](const ReportFile& file) { return file.format == kPage; });
}

Result<WindowQuestion> ask_for_window(AuditOptions options, history::Interval window, bool page) {
  WindowQuestion asked;
  asked.question.window = window;
  asked.question.flap_window = options.flap_window;
  asked.question.recent_beyond = page;
  if (options.slo) asked.question.objective = history::Objective{*options.slo, options.window};
  TRY(add_maintenance(options, asked.question));
  asked.options = std::move(options);
  return asked;
}

Result<reports::StatsReport> read_window(cli::Context& context, const WindowQuestion& asked,
                                         bool tell) {
  constexpr std::size_t kMostNamed = 20;
  const auto unreadable = [&, named = std::size_t{0}](const std::string& key,
                                                      const Error& error) mutable {
    if (tell && ++named <= kMostNamed) context.warn(printable(key) + ": " + to_string(error));
  };
  TRY_ASSIGN(auto found, context.while_waiting_for("the store", [&] {
    return runtime::audit_history(context.runtime(), asked.question, asked.now, unreadable);
  }));
  if (tell && found.unreadable > kMostNamed) {
    context.warn(counted(found.unreadable - kMostNamed, "more unreadable record"));
  }
  reports::StatsReport report = asked.report;
  report.audit = std::move(found.audit);
  report.unreadable = found.unreadable;
  report.whole = found.whole;
  report.ahead = found.ahead;
  return report;
}

}  // namespace rz::apps
