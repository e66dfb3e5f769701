#pragma once

#include <string>
#include <vector>

#include "rz/base/result.h"
#include "rz/reports/health_report.h"

namespace rz::apps {

/// A report that is written beside the answer.
struct HealthFile {
  std::string format;  ///< One of those of the report.
  std::string path;
};

/// The values of `--report`, `FORMAT=FILE` each. Nothing is opened.
/// Errors: invalid_argument: not of that form, an unknown format, `-`, or a file named twice.
Result<std::vector<HealthFile>> read_health_files(const std::vector<std::string>& values);

/// Replaces each file, whole or not at all; a new one is readable to everybody whom the umask
/// allows. All of them are tried.
/// Errors: a line for each that could not be written, with the code of the first.
Result<void> write_health_files(const std::vector<HealthFile>& files,
                                const reports::HealthReport& report);

}  // namespace rz::apps
