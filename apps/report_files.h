#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "rz/base/file.h"
#include "rz/base/result.h"
#include "rz/reports/formats.h"
#include "rz/reports/writing/page.h"

namespace rz::apps {

/// A report that is written beside the answer.
struct ReportFile {
  std::string format;  ///< One of those of the report.
  std::string path;
};

/// The values of `--report`, `FORMAT=FILE` each; the formats are `names`. Nothing is opened.
/// Errors: invalid_argument: not of that form, an unknown format, `-`, or a file named twice.
Result<std::vector<ReportFile>> read_report_files(const std::vector<std::string>& values,
                                                  std::span<const std::string_view> names);

/// A report that is written piece by piece into a file, which it replaces whole or not at all; a
/// new file is readable to everybody whom the umask allows.
class FilePage final : public reports::Page {
 public:
  explicit FilePage(const std::string& path);
  void raw(std::string_view bytes) override;
  /// Replaces the file. Errors: the first one of all that was done.
  Result<void> finish();

 private:
  void write();

  Result<FileReplacement> file_;
  std::optional<Error> failed_;
  std::string buffer_;
};

/// A line for each that is an error, with the code of the first; nothing if none is.
Result<void> joined(std::span<const Result<void>> outcomes);

/// Replaces each file, whole or not at all. All of them are tried. Errors: as joined().
template <class Document>
Result<void> write_report_files(const std::vector<ReportFile>& files, const Document& report) {
  std::vector<Result<void>> outcomes;
  for (const ReportFile& file : files) {
    FilePage page(file.path);
    reports::write(report, file.format, page);
    outcomes.push_back(page.finish());
  }
  return joined(outcomes);
}

}  // namespace rz::apps
