#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "rz/profile/profile.h"

namespace rz::profile {

/// A function as it was called on one path.
struct CallNode {
  std::string name;
  std::int64_t self = 0;
  std::int64_t total = 0;
  std::int64_t before_self = 0;  ///< Of the other profile.
  std::int64_t before_total = 0;
  std::vector<CallNode> children{};  ///< By name, so that two pictures can be compared.
};

/// The paths of `profile` by one of its measures, below a root that stands for the whole.
/// `before`: another profile, by its first measure; null: there is none. What only that one has is
/// in the tree with a total of 0.
CallNode call_tree(const Profile& profile, std::size_t measure, const Profile* before = nullptr);

/// How many levels there are below `node`.
std::size_t depth_of(const CallNode& node);

}  // namespace rz::profile
