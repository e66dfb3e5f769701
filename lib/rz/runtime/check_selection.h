#pragma once

#include <string>
#include <vector>

#include "rz/base/result.h"
#include "rz/health/check_runner.h"

namespace rz::runtime {

/// Which of the configured checks are selected. If all of it is empty, all are.
struct CheckSelection {
  std::vector<std::string> names;  ///< Or globs: `web-*`, see storage/glob.h.
  std::vector<std::string> only;   ///< Tags, one of which a check must have.
  std::vector<std::string> skip;   ///< Tags, none of which it may have.

  bool selects_all() const { return names.empty() && only.empty() && skip.empty(); }
};

/// The checks that `selection` selects, and those that they depend on, in their order.
/// Errors: invalid_argument for a name or a tag in `only` that no check has, with the nearest, for
/// a glob that matches no name, and if no check is left.
Result<std::vector<RegisteredCheck>> select_checks(const std::vector<RegisteredCheck>& checks,
                                                   const CheckSelection& selection);

}  // namespace rz::runtime
