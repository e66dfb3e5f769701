#pragma once

#include <string>
#include <string_view>

#include "rz/reports/health_report.h"

namespace rz::server {

/// A table of the lines of a report, the worst first, behind the reason where the run is void.
std::string status_table(const reports::HealthReport& report);

/// What stands above the table.
struct PageHead {
  HealthStatus status = HealthStatus::unknown;
  std::string summary;       ///< A sentence; any bytes.
  int refresh_seconds = 10;  ///< After which the browser asks again.
};

/// The whole page: one document without scripts, which loads nothing.
std::string status_page(const PageHead& head, std::string_view table);

/// The header Content-Security-Policy of the page: nothing but its own style.
const std::string& page_policy();

}  // namespace rz::server
