#pragma once

#include <cstddef>
#include <vector>

namespace rz::health {

/// A node of a graph of dependencies, and which of the nodes that it depends on comes next: a place
/// in its list.
struct DependencyStep {
  std::size_t node;
  std::size_t parent;
};

/// The cycles of a graph: `parents[i]` are the nodes that node i depends on. Each cycle is the list
/// of its steps, of which the last leads back to the first. Without the first node of each there is
/// no cycle left. Without recursion, since a long chain would make it overflow the stack.
std::vector<std::vector<DependencyStep>> find_dependency_cycles(
    const std::vector<std::vector<std::size_t>>& parents);

}  // namespace rz::health
