#include "rz/runtime/check_selection.h"

#include <algorithm>
#include <set>

#include "rz/base/text.h"
#include "rz/storage/glob.h"

namespace rz::runtime {
namespace {

bool has_any(const std::vector<std::string>& tags, const std::vector<std::string>& wanted) {
  return std::any_of(wanted.begin(), wanted.end(), [&](const std::string& tag) {
    return std::find(tags.begin(), tags.end(), tag) != tags.end();
  });
}

bool is_glob(const std::string& name) { return name.find_first_of("*?[") != std::string::npos; }

// A check whose own name looks like a glob is named by it, too.
bool names_check(const std::string& wanted, const std::string& name) {
  return wanted == name || (is_glob(wanted) && storage::glob_matches(wanted, name));
}

bool is_selected(const RegisteredCheck& check, const CheckSelection& selection) {
  const auto& names = selection.names;
  const bool named =
      names.empty() || std::any_of(names.begin(), names.end(), [&](const std::string& name) {
        return names_check(name, check.check->name());
      });
  const bool tagged = selection.only.empty() || has_any(check.options.tags, selection.only);
  return named && tagged && !has_any(check.options.tags, selection.skip);
}

Result<void> refuse_unknown_names(const std::vector<RegisteredCheck>& checks,
                                  const std::vector<std::string>& names) {
  std::vector<std::string> known;
  for (const RegisteredCheck& check : checks) known.push_back(check.check->name());
  for (const std::string& name : names) {
    const bool found = std::any_of(known.begin(), known.end(),
                                   [&](const std::string& one) { return names_check(name, one); });
    if (found) continue;
    const std::string near = is_glob(name) ? std::string() : suggestion(name, known);
    return fail(ErrorCode::invalid_argument,
                std::string("no check ") + (is_glob(name) ? "matches" : "is named") + " '" +
                    printable(name) + "'" +
                    (near.empty() ? "; there are " + join(known, ", ") : near));
  }
  return {};
}

// A misspelt tag beside a right one would leave checks out without a word. A tag that is to be
// skipped may be missing: then more is checked, and one command serves hosts with different checks.
Result<void> refuse_unknown_tags(const std::vector<RegisteredCheck>& checks,
                                 const std::vector<std::string>& tags) {
  std::vector<std::string> known;
  for (const RegisteredCheck& check : checks) {
    for (const std::string& tag : check.options.tags) {
      if (std::find(known.begin(), known.end(), tag) == known.end()) known.push_back(tag);
    }
  }
  for (const std::string& tag : tags) {
    if (std::find(known.begin(), known.end(), tag) != known.end()) continue;
    std::string way_out = suggestion(tag, known);
    if (way_out.empty()) {
      way_out = known.empty() ? "; no check has tags" : "; there are " + join(known, ", ");
    }
    return fail(ErrorCode::invalid_argument,
                "no check has the tag '" + printable(tag) + "'" + way_out);
  }
  return {};
}

// The checks that a selected one depends on are selected too: otherwise it would run where it
// should be skipped. So are those that it combines.
std::set<std::string> with_parents(const std::vector<RegisteredCheck>& checks,
                                   const CheckSelection& selection) {
  std::set<std::string> wanted;
  for (const RegisteredCheck& check : checks) {
    if (is_selected(check, selection)) wanted.insert(check.check->name());
  }
  for (std::size_t before = 0; before != wanted.size();) {
    before = wanted.size();
    for (const RegisteredCheck& check : checks) {
      if (!wanted.contains(check.check->name())) continue;
      wanted.insert(check.options.depends_on.begin(), check.options.depends_on.end());
      wanted.insert(check.options.combines.begin(), check.options.combines.end());
      wanted.insert(check.options.awaits.begin(), check.options.awaits.end());
    }
  }
  return wanted;
}

}  // namespace

Result<std::vector<RegisteredCheck>> select_checks(const std::vector<RegisteredCheck>& checks,
                                                   const CheckSelection& selection) {
  if (auto known = refuse_unknown_names(checks, selection.names); !known) {
    return fail(std::move(known).error());
  }
  if (auto known = refuse_unknown_tags(checks, selection.only); !known) {
    return fail(std::move(known).error());
  }
  const auto wanted = with_parents(checks, selection);
  if (wanted.empty()) {
    return fail(ErrorCode::invalid_argument,
                "no check is selected; 'rz health list' shows them and their tags");
  }
  std::vector<RegisteredCheck> selected;
  for (const RegisteredCheck& check : checks) {
    if (wanted.contains(check.check->name())) selected.push_back(check);
  }
  return selected;
}

}  // namespace rz::runtime
