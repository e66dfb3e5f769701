#pragma once

#include <string>
#include <string_view>

#include "rz/base/result.h"
#include "rz/reports/load_report.h"

namespace rz::reports {

/// The schema of a load that was kept.
inline constexpr std::string_view kSavedLoadSchema = "rz.bench.http.saved/1";

/// A load as `rz bench http --save` keeps it: all that any report of it needs, with the buckets of
/// its histograms, and without what may be secret (LoadReport::url).
Value to_stored(const LoadReport& report);

/// Reads that document back. `where` names the source.
/// Errors: corrupt, with the member that is missing, or is not what it must be.
Result<LoadReport> load_report_from(const Value& document, const std::string& where);

}  // namespace rz::reports
