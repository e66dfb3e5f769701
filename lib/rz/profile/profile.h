#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace rz::profile {

/// What a weight counts.
enum class Unit { nanoseconds, bytes, count };

/// `ns`, `bytes` or `count`: as reports for programs have it.
const char* to_string(Unit unit);

/// One of the things that a profile tells of each stack: `cpu`, `peak`, `allocations`, `leaked`.
struct Measure {
  std::string name;
  Unit unit = Unit::count;
};

/// The functions that called each other when a sample was taken.
struct Stack {
  std::vector<std::uint32_t> frames;  ///< Numbers of Profile::names(), the outermost first.
  std::vector<std::int64_t> weights;  ///< One of each measure.
};

/// Stacks with weights: what every profiler's output becomes, and every report is made of. Equal
/// stacks are one. Names may hold any bytes.
class Profile {
 public:
  /// Deeper stacks keep their innermost frames, below one that is called `…`.
  static constexpr std::size_t kMostFrames = 500;
  static constexpr std::int64_t kMostWeight = std::int64_t{1} << 60;

  explicit Profile(std::vector<Measure> measures)
      : measures_(std::move(measures)), totals_(measures_.size()) {}

  /// `frames`: the outermost first. A stack without weight is left out. No sum goes beyond
  /// kMostWeight: what would is cut.
  void add(const std::vector<std::string>& frames, std::size_t measure, std::int64_t weight);

  const std::vector<Measure>& measures() const { return measures_; }
  const std::vector<std::string>& names() const { return names_; }
  const std::vector<Stack>& stacks() const { return stacks_; }  ///< In the order of coming.
  std::int64_t total(std::size_t measure) const { return totals_[measure]; }
  bool empty() const { return stacks_.empty(); }

 private:
  std::uint32_t number_of(const std::string& name);

  std::vector<Measure> measures_;
  std::vector<std::int64_t> totals_;
  std::vector<std::string> names_{};
  std::vector<Stack> stacks_{};
  std::map<std::string, std::uint32_t, std::less<>> numbers_{};
  std::map<std::vector<std::uint32_t>, std::size_t> places_{};
};

/// What a function took itself, and with all that it called. A function that calls itself counts
/// once.
struct FunctionWeight {
  std::string name;
  std::vector<std::int64_t> self;   ///< One of each measure.
  std::vector<std::int64_t> total;  ///< The same.
};

/// All functions; those that took most of `measure` themselves first, then by name.
std::vector<FunctionWeight> functions_of(const Profile& profile, std::size_t measure);

}  // namespace rz::profile
