#include <map>

#include "rz/base/text.h"
#include "rz/health/check_fields.h"
#include "rz/health/dependency_cycles.h"

namespace rz::health {
namespace {

// The time of all suggestions is the product of the known names and the wrong ones, so a longer
// list gets none.
constexpr std::size_t kMaxSuggested = 500;

/// The checks by number, and for each those that it depends on.
class DependencyGraph {
 public:
  DependencyGraph(const std::vector<CheckEntry>& checks, bool complete, FieldVisitor& fields)
      : checks_(checks),
        complete_(complete),
        fields_(fields),
        parents_(checks.size()),
        places_(checks.size()) {
    for (std::size_t i = 0; i < checks.size(); ++i) add_name(i);
    for (std::size_t i = 0; i < checks.size(); ++i) add_parents(i);
  }

  void report_cycles() {
    for (const auto& cycle : find_dependency_cycles(parents_)) {
      std::string names;
      for (const DependencyStep& step : cycle) names += printable(checks_[step.node].name) + " -> ";
      const DependencyStep& first = cycle.front();
      fields_.error_at(places_[first.node][first.parent],
                       std::string(is_combined(first) ? "" : "depends_on: ") +
                           "a check would wait for itself: " + ellipsize(names, 400) +
                           printable(checks_[first.node].name));
    }
  }

 private:
  bool is_combined(const DependencyStep& step) const {
    return step.parent >= checks_[step.node].depends_on.size();
  }

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
    for (const auto& [name, place] : checks_[i].depends_on)
      add_parent(i, "depends_on: ", name, place);
    for (const auto& [name, place] : checks_[i].combines) add_parent(i, "", name, place);
    for (const auto& [name, place] : checks_[i].awaits) add_parent(i, "", name, place);
  }

  void add_parent(std::size_t i, const char* key, const std::string& name, Place place) {
    const auto parent = numbers_.find(name);
    if (parent != numbers_.end()) {
      parents_[i].push_back(parent->second);
      places_[i].push_back(place);
    } else if (complete_) {
      const bool few = names_.size() <= kMaxSuggested;
      fields_.error_at(place, std::string(key) + "no check is named '" + printable(name) + "'" +
                                  (few ? suggestion(name, names_) : ""));
    }
  }

  const std::vector<CheckEntry>& checks_;
  bool complete_;
  FieldVisitor& fields_;
  std::map<std::string, std::size_t> numbers_;
  std::vector<std::string> names_;
  std::vector<std::vector<std::size_t>> parents_;
  std::vector<std::vector<Place>> places_;  ///< Where each of parents_ stands in the file.
};

}  // namespace

void check_dependencies(const std::vector<CheckEntry>& checks, bool complete,
                        FieldVisitor& fields) {
  DependencyGraph(checks, complete, fields).report_cycles();
}

}  // namespace rz::health
