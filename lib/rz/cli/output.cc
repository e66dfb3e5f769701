#include "rz/cli/output.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>

#include "rz/base/file.h"
#include "rz/base/text.h"

namespace rz::cli {
namespace {

// Large enough that system calls are rare, small enough that a reader of the pipe sees progress.
constexpr std::size_t kFlushAt = 64 * 1024;

}  // namespace

Output::Output(int fd, bool color) : fd_(fd), color_(color), terminal_(::isatty(fd) == 1) {}

// A failure can no longer be reported here; run_program flushes before.
Output::~Output() { (void)flush().has_value(); }

void Output::raw(std::string_view bytes) {
  used_ = used_ || !bytes.empty();
  buffer_.append(bytes);
  if (buffer_.size() >= kFlushAt) (void)flush().has_value();
}

Result<void> Output::flush() {
  if (!failed_ && !buffer_.empty()) {
    errno = 0;
    if (auto written = write_all(fd_, buffer_); !written) {
      failed_ = true;
      closed_pipe_ = errno == EPIPE;
      error_ = std::move(written.error());
      error_.where = "standard output";
    }
  }
  buffer_.clear();
  if (failed_) return fail(error_);
  return {};
}

bool Output::unicode() const {
  for (const char* name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
    const char* value = std::getenv(name);
    if (value == nullptr || *value == '\0') continue;
    const std::string locale = to_lower(std::string_view(value));
    return locale.find("utf-8") != std::string::npos || locale.find("utf8") != std::string::npos;
  }
  return false;
}

int Output::width() const {
  winsize size{};
  if (::ioctl(fd_, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
  // COLUMNS may hold anything; an absurd width would spoil every table.
  if (const char* columns = std::getenv("COLUMNS")) {
    if (auto n = parse_int(columns); n && *n >= 20 && *n <= 10'000) return static_cast<int>(*n);
  }
  return 80;
}

}  // namespace rz::cli
