#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "rz/history/audit.h"

namespace rz::history {

/// Keeps the stretches of the window one by one, for pictures, as long as there are not too many.
class Band {
 public:
  Band(Interval window, std::size_t most) : window_(window), most_(most) {}

  /// A stretch that has ended. `reason`: of the record that began it; empty: it is not known.
  void add(const Segment& segment, const std::string& reason);

  void finish(Audit& audit);

 private:
  std::uint32_t number_of(const std::string& reason);

  Interval window_;
  std::size_t most_;
  std::size_t total_ = 0;
  std::vector<BandSegment> segments_{};
  std::vector<std::string> reasons_{};
  std::unordered_map<std::string, std::uint32_t> numbers_{};
};

}  // namespace rz::history
