#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "rz/base/result.h"
#include "rz/net/transport.h"

namespace rz::net {

/// Reads a connection by lines or by counted bytes. What it has read beyond them stays in it.
class LineReader {
 public:
  explicit LineReader(Transport& transport) : transport_(transport) {}

  /// The next line, without its end.
  /// Errors: those of Transport::read_some; corrupt for one of more than 8 KiB.
  Result<std::string> line(Deadline deadline);

  /// The next `count` bytes. Errors: those of Transport::read_some.
  Result<std::string> bytes(std::size_t count, Deadline deadline);

  /// Whether more has been read than was asked for.
  bool has_more() const { return !read_.empty(); }

 private:
  Result<void> read_more(Deadline deadline);

  Transport& transport_;
  std::string read_;
};

/// What a server sent, as a message shows it: printable and cut off.
std::string quoted_answer(std::string_view answer);

}  // namespace rz::net
