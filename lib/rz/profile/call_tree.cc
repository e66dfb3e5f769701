#include "rz/profile/call_tree.h"

#include <algorithm>
#include <utility>

namespace rz::profile {
namespace {

using Members = std::pair<std::int64_t CallNode::*, std::int64_t CallNode::*>;
constexpr Members kNow{&CallNode::self, &CallNode::total};
constexpr Members kBefore{&CallNode::before_self, &CallNode::before_total};

CallNode& child_of(CallNode& node, const std::string& name) {
  const auto place =
      std::lower_bound(node.children.begin(), node.children.end(), name,
                       [](const CallNode& child, const std::string& n) { return child.name < n; });
  if (place != node.children.end() && place->name == name) return *place;
  return *node.children.insert(place, CallNode{.name = name});
}

void add_stacks(CallNode& root, const Profile& profile, std::size_t measure, Members members) {
  const auto [self, total] = members;
  for (const Stack& stack : profile.stacks()) {
    const std::int64_t weight = stack.weights[measure];
    if (weight == 0) continue;
    CallNode* node = &root;
    node->*total += weight;
    for (const std::uint32_t frame : stack.frames) {
      node = &child_of(*node, profile.names()[frame]);
      node->*total += weight;
    }
    node->*self += weight;
  }
}

}  // namespace

CallNode call_tree(const Profile& profile, std::size_t measure, const Profile* before) {
  CallNode root{.name = "all"};
  add_stacks(root, profile, measure, kNow);
  if (before != nullptr) add_stacks(root, *before, 0, kBefore);
  return root;
}

// No deeper than Profile::kMostFrames.
std::size_t depth_of(const CallNode& node) {
  std::size_t depth = 0;
  for (const CallNode& child : node.children) depth = std::max(depth, 1 + depth_of(child));
  return depth;
}

}  // namespace rz::profile
