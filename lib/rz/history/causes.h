#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "rz/base/clock.h"
#include "rz/fallback/history/transition.h"

namespace rz::history {

/// Why the mode became worse, and what that cost.
struct Cause {
  std::string name{};     ///< Any bytes.
  std::size_t count = 0;  ///< Transitions to a worse mode.
  Micros degraded{0};     ///< Time in the modes that they entered, until primary came again.
};

/// The causes that a reason names: `multiple_failures(2); circuit_open(12s)` names
/// `multiple_failures` and `circuit_open`. Numbers in parentheses are left out, since each would
/// make a cause of its own. What a person wrote is one cause as it stands.
std::vector<std::string> causes_of(const Transition& record);

/// Counts the causes of a history. Memory is bounded: once there are kMaxCauses of them, further
/// ones are counted together.
class CauseTable {
 public:
  static constexpr std::size_t kMaxCauses = 2'000;
  static constexpr std::string_view kOthers = "(others)";

  /// The mode became worse; `counts`: whether it is to be counted.
  void worsened(const Transition& record, bool counts);
  /// It became primary, or unknown.
  void ended() { current_.clear(); }
  /// So much time was spent in a degraded mode.
  void spent(Micros time);

  /// Those that cost most time first; of equal ones, the most frequent, then by name.
  std::vector<Cause> finish(std::size_t most) const;

 private:
  Cause& cause(const std::string& name);

  std::map<std::string, Cause, std::less<>> causes_{};
  std::vector<Cause*> current_{};  ///< Of the mode that holds.
};

}  // namespace rz::history
