#include "rz/health/dependency_cycles.h"

#include <algorithm>
#include <map>
#include <utility>

namespace rz::health {
namespace {

using Cycle = std::vector<DependencyStep>;

/// Removes the nodes that depend on nothing, then those that depend only on removed ones, and so
/// on, until only cycles and what depends on them are left. Then takes one cycle, breaks it, and
/// goes on.
class CycleFinder {
 public:
  explicit CycleFinder(const std::vector<std::vector<std::size_t>>& parents)
      : parents_(parents),
        children_(parents.size()),
        waiting_for_(parents.size()),
        gone_(parents.size()) {
    for (std::size_t i = 0; i < parents.size(); ++i) {
      waiting_for_[i] = parents[i].size();
      for (const std::size_t parent : parents[i]) children_[parent].push_back(i);
      if (parents[i].empty()) ready_.push_back(i);
    }
  }

  std::vector<Cycle> find() {
    std::vector<Cycle> cycles;
    std::size_t next = 0;
    do {
      while (!ready_.empty()) remove_ready();
      while (next < parents_.size() && gone_[next]) ++next;
      if (next == parents_.size()) break;
      cycles.push_back(cycle_from(next));
      ready_.push_back(cycles.back().front().node);
    } while (!ready_.empty());
    return cycles;
  }

 private:
  void remove_ready() {
    const std::size_t i = ready_.back();
    ready_.pop_back();
    if (gone_[i]) return;
    gone_[i] = true;
    for (const std::size_t child : children_[i]) {
      if (--waiting_for_[child] == 0 && !gone_[child]) ready_.push_back(child);
    }
  }

  // Every node that is left depends on another one that is left, so following them must come back
  // to one already seen.
  Cycle cycle_from(std::size_t start) const {
    Cycle path;
    std::map<std::size_t, std::size_t> position;
    std::size_t at = start;
    while (position.emplace(at, path.size()).second) {
      const auto& parents = parents_[at];
      const auto parent = std::find_if(parents.begin(), parents.end(),
                                       [&](std::size_t each) { return !gone_[each]; });
      path.push_back({at, static_cast<std::size_t>(parent - parents.begin())});
      at = *parent;
    }
    path.erase(path.begin(), path.begin() + static_cast<std::ptrdiff_t>(position[at]));
    return path;
  }

  const std::vector<std::vector<std::size_t>>& parents_;
  std::vector<std::vector<std::size_t>> children_;
  std::vector<std::size_t> waiting_for_;
  std::vector<std::size_t> ready_;
  std::vector<bool> gone_;
};

}  // namespace

std::vector<Cycle> find_dependency_cycles(const std::vector<std::vector<std::size_t>>& parents) {
  return CycleFinder(parents).find();
}

}  // namespace rz::health
