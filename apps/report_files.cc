#include "report_files.h"

#include <algorithm>
#include <optional>

#include "rz/base/file.h"
#include "rz/base/text.h"

namespace rz::apps {
namespace {

constexpr std::string_view kOption = "--report";

tl::unexpected<Error> wrong_report(const std::string& message) {
  return fail(ErrorCode::invalid_argument, message, std::string(kOption));
}

Result<ReportFile> read_report_file(const std::string& value, const std::vector<std::string>& names,
                                    std::string_view example) {
  const std::size_t equals = value.find('=');
  if (equals == std::string::npos || equals + 1 == value.size()) {
    return wrong_report("'" + printable(value) + "' names no file; write it like " +
                        std::string(example));
  }
  ReportFile file{value.substr(0, equals), value.substr(equals + 1)};
  if (std::find(names.begin(), names.end(), file.format) == names.end()) {
    return wrong_report("cannot write '" + printable(file.format) + "'; use " + join(names, ", "));
  }
  if (file.path == "-") {
    return wrong_report("standard output has the answer already; choose its format with --format " +
                        file.format);
  }
  return file;
}

}  // namespace

Result<std::vector<ReportFile>> read_report_files(const std::vector<std::string>& values,
                                                  std::span<const std::string_view> names,
                                                  std::string_view example) {
  const std::vector<std::string> formats(names.begin(), names.end());
  std::vector<ReportFile> files;
  for (const std::string& value : values) {
    auto file = read_report_file(value, formats, example);
    if (!file) return fail(std::move(file).error());
    const bool twice = std::any_of(files.begin(), files.end(), [&](const ReportFile& other) {
      return other.path == file->path;
    });
    if (twice) return wrong_report("'" + printable(file->path) + "' is named twice");
    files.push_back(*std::move(file));
  }
  return files;
}

Result<void> replace_report_files(
    const std::vector<ReportFile>& files,
    const std::function<void(std::string_view, reports::Page&)>& write) {
  std::optional<Error> failed;
  for (const ReportFile& file : files) {
    reports::StringPage page;
    write(file.format, page);
    const auto written = write_file(file.path, page.text());
    if (written) continue;
    const std::string what = to_string(written.error());
    if (failed) {
      failed->message += "\n" + what;
    } else {
      failed = Error{written.error().code, what, {}};
    }
  }
  if (failed) return fail(*std::move(failed));
  return {};
}

}  // namespace rz::apps
