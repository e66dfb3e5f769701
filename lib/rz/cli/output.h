#pragma once

#include <string>
#include <string_view>

#include "rz/base/result.h"
#include "rz/base/value.h"

namespace rz::cli {

/// Standard output of a command: buffered, and a failed write is remembered, so that it is not
/// mistaken for success.
class Output {
 public:
  explicit Output(int fd, bool color);
  ~Output();
  Output(const Output&) = delete;
  Output& operator=(const Output&) = delete;

  /// Appends as it is: for data whose bytes are the answer (JSON, CSV, records).
  void write(std::string_view bytes);
  /// A line of text for a person; bytes from outside must have passed printable() (text.h).
  void line(std::string_view text);
  /// A document as one line, or indented on a terminal.
  void json(const Value& value);

  /// Writes what is held back. Errors: unavailable; after the first one nothing is written.
  Result<void> flush();
  /// Whether the reader has gone (EPIPE).
  bool closed_pipe() const { return closed_pipe_; }

  /// Whether anything was written, be it held back still.
  bool used() const { return used_; }

  bool color() const { return color_; }
  bool terminal() const { return terminal_; }
  /// Columns of the terminal, COLUMNS, or 80.
  int width() const;

  /// `text` in a colour if colours are on: names `green yellow red bold dim cyan`.
  std::string paint(std::string_view color_name, std::string_view text) const;

 private:
  int fd_;
  bool color_;
  bool terminal_;
  bool used_ = false;
  bool closed_pipe_ = false;
  bool failed_ = false;
  Error error_;
  std::string buffer_;
};

}  // namespace rz::cli
