#pragma once

#include <string>
#include <string_view>

#include "rz/base/result.h"
#include "rz/reports/writing/page.h"

namespace rz::cli {

/// Standard output of a command. It is buffered, and remembers a failed write, so that it is not
/// mistaken for success.
class Output final : public reports::Page {
 public:
  explicit Output(int fd, bool color);
  ~Output() override;
  Output(const Output&) = delete;
  Output& operator=(const Output&) = delete;

  void raw(std::string_view bytes) override;

  /// Writes what is buffered.
  /// Errors: unavailable; after the first error nothing is written.
  Result<void> flush();
  /// Whether the reader has gone (EPIPE).
  bool closed_pipe() const { return closed_pipe_; }

  /// Whether anything was written, even if it is still buffered.
  bool used() const { return used_; }

  bool color() const override { return color_; }
  bool terminal() const override { return terminal_; }
  /// Whether the locale's characters are UTF-8.
  bool unicode() const override;
  /// Columns of the terminal, COLUMNS, or 80.
  int width() const override;
  bool whole() const override { return whole_; }
  void show_whole() { whole_ = true; }
  bool pretty() const override { return pretty_ || terminal_; }
  void show_pretty() { pretty_ = true; }
  int fd() const { return fd_; }

 private:
  int fd_;
  bool color_;
  bool terminal_;
  bool whole_ = false;
  bool pretty_ = false;
  bool used_ = false;
  bool closed_pipe_ = false;
  bool failed_ = false;
  Error error_;
  std::string buffer_;
};

}  // namespace rz::cli
