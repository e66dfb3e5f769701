#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "rz/base/result.h"

namespace rz {

/// Bytes from a file or a pipe, in order. Not thread-safe.
class ByteSource {
 public:
  virtual ~ByteSource() = default;

  /// Puts at least one and at most `size` bytes into `buffer`, as many as there are without waiting
  /// for more. Returns how many; 0 at the end.
  /// Errors: unavailable (cannot be read), corrupt (compressed data that is damaged or cut off),
  /// each with the place.
  virtual Result<std::size_t> read(char* buffer, std::size_t size) = 0;

  /// How much of the file has been read, before anything was decompressed.
  virtual std::uint64_t consumed() const = 0;

  /// Whether read() gives out other bytes than those of the file.
  virtual bool compressed() const { return false; }

  /// The file's size; 0 if it has none (a pipe, a terminal).
  virtual std::uint64_t size() const = 0;
};

/// The bytes of `path`, or of standard input for `-`. Data that begins like gzip or Zstandard is
/// decompressed, whatever the file's name.
/// Errors: not_found, invalid_argument (a folder), unavailable.
///
/// `go_on`, if given, is called a few times a second while no data comes (an idle pipe, a
/// terminal). When it returns false, the data ends there.
Result<std::unique_ptr<ByteSource>> open_byte_source(const std::string& path,
                                                     std::function<bool()> go_on = {});

}  // namespace rz
