#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "rz/base/result.h"
#include "rz/reports/formats.h"

namespace rz::apps {

/// A report that is written beside the answer.
struct ReportFile {
  std::string format;  ///< One of those of the document.
  std::string path;
};

/// The values of `--report`, `FORMAT=FILE` each; the formats are `names`. Nothing is opened.
/// `example`: a value as it should be. Errors: invalid_argument: not of that form, an unknown
/// format, `-`, or a file named twice.
Result<std::vector<ReportFile>> read_report_files(const std::vector<std::string>& values,
                                                  std::span<const std::string_view> names,
                                                  std::string_view example);

/// Replaces each file, whole or not at all, with what `write` writes in its format; a new one is
/// readable to everybody whom the umask allows. All of them are tried.
/// Errors: a line for each that could not be written, with the code of the first.
Result<void> replace_report_files(
    const std::vector<ReportFile>& files,
    const std::function<void(std::string_view format, reports::Page& page)>& write);

/// The same for a document.
template <class Document>
Result<void> write_report_files(const std::vector<ReportFile>& files, const Document& document) {
  return replace_report_files(files, [&](std::string_view format, reports::Page& page) {
    reports::write(document, format, page);
  });
}

}  // namespace rz::apps
