#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "rz/base/clock.h"
#include "rz/base/result.h"
#include "rz/health/machine/disk_usage.h"

namespace rz::health {

/// Measures several file systems side by side, each on a thread, so that a dead network mount holds
/// up none of the others. A path that has not answered yet is not asked again: each holds one
/// thread at most, however often it is measured, and all together hold kMaxThreads. The threads
/// outlive this object if they must.
class DiskMeters {
 public:
  static constexpr std::size_t kMaxThreads = 32;

  explicit DiskMeters(std::function<Result<DiskUsage>(const std::string&)> meter);
  ~DiskMeters();

  /// The answer of each of `paths`, which are all different, in their order. Errors: those of the
  /// meter; timeout (not own_side: it was asked and is silent); unavailable, own_side (no thread
  /// was left to ask it).
  std::vector<Result<DiskUsage>> measure(const std::vector<std::string>& paths, Millis timeout);

 private:
  struct Shared;
  class Round;
  std::shared_ptr<Shared> shared_;
};

}  // namespace rz::health
