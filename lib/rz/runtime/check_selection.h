#pragma once

#include <string>
#include <vector>

#include "rz/base/result.h"
#include "rz/health/check_runner.h"

namespace rz {

/// Which of the configured checks are meant; nothing: all.
struct CheckSelection {
  std::vector<std::string> names;
  std::vector<std::string> only;  ///< Tags, one of which a check must have.
  std::vector<std::string> skip;  ///< Tags, none of which it may have.
};

/// Those of `checks` that `selection` means, and what they depend on, in their order. Errors:
/// invalid_argument for a name that no check has, with the nearest, and where none is left.
Result<std::vector<RegisteredCheck>> select_checks(const std::vector<RegisteredCheck>& checks,
                                                   const CheckSelection& selection);

}  // namespace rz
