#pragma once

#include <vector>

#include "report_files.h"
#include "rz/base/result.h"
#include "rz/cli/program.h"
#include "rz/config/config.h"
#include "rz/history/audit.h"
#include "rz/reports/history_report.h"

namespace rz::apps {

/// A window of the history, and what is to be found out about it.
struct WindowQuestion {
  AuditOptions options{};
  history::AuditQuestion question{};
  TimePoint now{};                ///< As runtime::time_of_history() has it.
  reports::StatsReport report{};  ///< What of it is known before the history is read.
};

/// `fallback.audit` of the configuration. Errors: those of Runtime::config().
Result<AuditOptions> configured_audit(cli::Context& context);

/// Whether the answer or one of the files is a page. A page shows the last days and weeks whatever
/// its window is; for other formats so much of the history is not read.
bool writes_page(const cli::Context& context, const std::vector<ReportFile>& files);

/// The question for `window` by `options`, with their maintenance. Errors: invalid_argument.
Result<WindowQuestion> ask_for_window(AuditOptions options, history::Interval window, bool page);

/// Reads the history and answers. Warns of records that cannot be read if `tell` says so.
/// Errors: those of runtime::audit_history().
Result<reports::StatsReport> read_window(cli::Context& context, const WindowQuestion& asked,
                                         bool tell = true);

}  // namespace rz::apps
