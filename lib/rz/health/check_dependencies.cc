#include <algorithm>
#include <map>

#include "rz/base/text.h"
#include "rz/health/check_fields.h"

namespace rz {
namespace {

// The time of all suggestions is the product of the known names and the wrong ones, so a longer
// list gets none.
constexpr std::size_t kMaxSuggested = 500;

/// The checks by number, and for each those that it depends on.
class DependencyGraph {
 public:
  DependencyGraph(const std::vector<CheckEntry>& checks, bool complete, FieldVisitor& fields)
      : checks_(checks), complete_(complete), fields_(fields), parents_(checks.size()) {
    for (std::size_t i = 0; i < checks.size(); ++i) add_name(i);
    for (std::size_t i = 0; i < checks.size(); ++i) add_parents(i);
  }

  // Removes the checks that depend on nothing, then those that depend only on removed ones, and so
  // on, until only cycles and what depends on them are left. Then reports one cycle, breaks it, and
  // goes on. Linear, and without recursion, which a long chain could make overflow the stack.
  void report_cycles() {
    std::vector<std::vector<std::size_t>> children(checks_.size());
    waiting_for_.assign(checks_.size(), 0);
    for (std::size_t i = 0; i < checks_.size(); ++i) {
      waiting_for_[i] = parents_[i].size();
      for (const auto& [parent, place] : parents_[i]) children[parent].push_back(i);
      if (parents_[i].empty()) ready_.push_back(i);
    }
    gone_.assign(checks_.size(), false);
    std::size_t next = 0;
    do {
      while (!ready_.empty()) remove(children);
      while (next < checks_.size() && gone_[next]) ++next;
      if (next < checks_.size()) report_cycle_from(next);
    } while (!ready_.empty());
  }

 private:
  using Parent = std::pair<std::size_t, Place>;

  void add_name(std::size_t i) {
    const auto [first, inserted] = numbers_.emplace(checks_[i].name, i);
    if (inserted) {
      names_.push_back(checks_[i].name);
      return;
    }
    fields_.error_at(checks_[i].place, "the check of line " +
                                           std::to_string(checks_[first->second].place.line) +
                                           " is named '" + printable(checks_[i].name) +
                                           "' too; give each check its own 'name'");
  }

  void add_parents(std::size_t i) {
    for (const auto& [name, place] : checks_[i].depends_on) {
      const auto parent = numbers_.find(name);
      if (parent != numbers_.end()) {
        parents_[i].emplace_back(parent->second, place);
      } else if (complete_) {
        const bool few = names_.size() <= kMaxSuggested;
        fields_.error_at(place, "depends_on: no check is named '" + printable(name) + "'" +
                                    (few ? suggestion(name, names_) : ""));
      }
    }
  }

  void remove(const std::vector<std::vector<std::size_t>>& children) {
    const std::size_t i = ready_.back();
    ready_.pop_back();
    if (gone_[i]) return;
    gone_[i] = true;
    for (std::size_t child : children[i]) {
      if (--waiting_for_[child] == 0 && !gone_[child]) ready_.push_back(child);
    }
  }

  // Every check that is left depends on another one that is left, so following them must come back
  // to one already seen.
  void report_cycle_from(std::size_t start) {
    std::vector<Parent> path;
    std::map<std::size_t, std::size_t> position;
    std::size_t at = start;
    while (position.emplace(at, path.size()).second) {
      const auto parent = std::find_if(parents_[at].begin(), parents_[at].end(),
                                       [&](const Parent& p) { return !gone_[p.first]; });
      path.emplace_back(at, parent->second);
      at = parent->first;
    }
    path.erase(path.begin(), path.begin() + static_cast<long>(position[at]));
    std::string circle;
    for (const auto& [i, place] : path) circle += printable(checks_[i].name) + " -> ";
    fields_.error_at(path.front().second, "depends_on: a check would wait for itself: " +
                                              ellipsize(circle, 400) + printable(checks_[at].name));
    ready_.push_back(at);
  }

  const std::vector<CheckEntry>& checks_;
  bool complete_;
  FieldVisitor& fields_;
  std::map<std::string, std::size_t> numbers_;
  std::vector<std::string> names_;
  std::vector<std::vector<Parent>> parents_;
  std::vector<std::size_t> waiting_for_;
  std::vector<std::size_t> ready_;
  std::vector<bool> gone_;
};

}  // namespace

void check_dependencies(const std::vector<CheckEntry>& checks, bool complete,
                        FieldVisitor& fields) {
  DependencyGraph(checks, complete, fields).report_cycles();
}

}  // namespace rz
