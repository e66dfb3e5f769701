#pragma once

#include <memory>
#include <string>

#include "rz/base/result.h"

namespace rz::bench {

/// A folder that is removed with everything in it.
class ScratchFolder {
 public:
  explicit ScratchFolder(std::string path) : path_(std::move(path)) {}
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;
  ~ScratchFolder();

  /// A new one, under TMPDIR.
  /// Errors: unavailable.
  static Result<std::shared_ptr<ScratchFolder>> make();

  /// A new one that no disk slows, under /dev/shm; where there is none, under TMPDIR.
  /// Errors: unavailable.
  static Result<std::shared_ptr<ScratchFolder>> make_in_memory();
  /// Whether make_in_memory() finds one.
  static bool has_memory();

  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

}  // namespace rz::bench
