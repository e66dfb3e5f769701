#include "rz/profile/profile.h"

#include <algorithm>
#include <set>

namespace rz::profile {
const char* to_string(Unit unit) {
  switch (unit) {
    case Unit::nanoseconds: return "ns";
    case Unit::bytes: return "bytes";
    case Unit::count: return "count";
  }
  return "count";
}

std::uint32_t Profile::number_of(const std::string& name) {
  const auto [place, is_new] = numbers_.emplace(name, static_cast<std::uint32_t>(names_.size()));
  if (is_new) names_.push_back(name);
  return place->second;
}

void Profile::add(const std::vector<std::string>& frames, std::size_t measure,
                  std::int64_t weight) {
  weight = std::min(weight, kMostWeight - totals_[measure]);
  if (weight <= 0 || frames.empty()) return;
  totals_[measure] += weight;
  std::vector<std::uint32_t> numbers;
  const std::size_t cut = frames.size() > kMostFrames ? frames.size() - kMostFrames + 1 : 0;
  if (cut > 0) numbers.push_back(number_of("…"));
  for (std::size_t i = cut; i < frames.size(); ++i) numbers.push_back(number_of(frames[i]));
  const auto [place, is_new] = places_.emplace(numbers, stacks_.size());
  if (is_new) {
    stacks_.push_back({std::move(numbers), std::vector<std::int64_t>(measures_.size())});
  }
  stacks_[place->second].weights[measure] += weight;
}

std::vector<FunctionWeight> functions_of(const Profile& profile, std::size_t measure) {
  const std::size_t measures = profile.measures().size();
  std::vector<FunctionWeight> functions;
  for (const std::string& name : profile.names()) {
    functions.push_back(
        {name, std::vector<std::int64_t>(measures), std::vector<std::int64_t>(measures)});
  }
  for (const Stack& stack : profile.stacks()) {
    const std::set<std::uint32_t> once(stack.frames.begin(), stack.frames.end());
    for (std::size_t i = 0; i < measures; ++i) {
      const std::int64_t weight = stack.weights[i];
      functions[stack.frames.back()].self[i] += weight;
      for (const std::uint32_t frame : once) functions[frame].total[i] += weight;
    }
  }
  std::sort(functions.begin(), functions.end(), [measure](const auto& a, const auto& b) {
    if (a.self[measure] != b.self[measure]) return a.self[measure] > b.self[measure];
    if (a.total[measure] != b.total[measure]) return a.total[measure] > b.total[measure];
    return a.name < b.name;
  });
  return functions;
}

}  // namespace rz::profile
