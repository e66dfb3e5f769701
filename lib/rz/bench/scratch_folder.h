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

  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

}  // namespace rz::bench
