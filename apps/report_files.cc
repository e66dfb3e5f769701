#include "report_files.h"

#include <algorithm>
#include <utility>

#include "rz/base/text.h"

namespace rz::apps {
namespace {

constexpr std::size_t kWriteAt = 64 * 1024;

tl::unexpected<Error> wrong_report(const std::string& message) {
  return fail(ErrorCode::invalid_argument, message, "--report");
}

// What was meant by a value without a file: it is a format, or a file with the ending of one.
std::string meant_by(std::string_view value, const std::vector<std::string>& names) {
  const std::string_view word = value.substr(0, value.find('='));
  for (const reports::Format& format : reports::kFormats) {
    if (std::find(names.begin(), names.end(), format.name) == names.end()) continue;
    const std::string begin = std::string(format.name) + "=";
    if (word == format.name) return begin + "report" + std::string(format.file_ending);
    if (word.ends_with(format.file_ending)) return begin + printable(word);
  }
  return names.front() + "=FILE";
}

Result<ReportFile> read_report_file(const std::string& value,
                                    const std::vector<std::string>& names) {
  const std::size_t equals = value.find('=');
  if (equals == std::string::npos || equals + 1 == value.size()) {
    return wrong_report("'" + printable(value) + "' names no file; write it like " +
                        meant_by(value, names));
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
                                                  std::span<const std::string_view> names) {
  const std::vector<std::string> formats(names.begin(), names.end());
  std::vector<ReportFile> files;
  for (const std::string& value : values) {
    auto file = read_report_file(value, formats);
    if (!file) return fail(std::move(file).error());
    const bool twice = std::any_of(files.begin(), files.end(), [&](const ReportFile& other) {
      return other.path == file->path;
    });
    if (twice) return wrong_report("'" + printable(file->path) + "' is named twice");
    files.push_back(*std::move(file));
  }
  return files;
}

FilePage::FilePage(const std::string& path) : file_(FileReplacement::begin(path)) {
  if (!file_) failed_ = file_.error();
}

void FilePage::raw(std::string_view bytes) {
  buffer_.append(bytes);
  if (buffer_.size() >= kWriteAt) write();
}

void FilePage::write() {
  if (!failed_) {
    if (auto written = file_->append(buffer_); !written) failed_ = std::move(written).error();
  }
  buffer_.clear();
}

Result<void> FilePage::finish() {
  write();
  if (failed_) return fail(*failed_);
  return file_->finish();
}

Result<void> joined(std::span<const Result<void>> outcomes) {
  std::optional<Error> failed;
  for (const Result<void>& outcome : outcomes) {
    if (outcome) continue;
    const std::string what = to_string(outcome.error());
    if (failed) {
      failed->message += "\n" + what;
    } else {
      failed = Error{outcome.error().code, what, {}};
    }
  }
  if (failed) return fail(*std::move(failed));
  return {};
}

}  // namespace rz::apps
