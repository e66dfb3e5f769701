#pragma once

#include <string>

#include "rz/history/error_budget.h"

namespace rz::reports {

/// What was left of an error budget over its window, as a line; below the dashed line it is
/// overspent.
std::string budget_chart(const history::ErrorBudget& budget);

}  // namespace rz::reports
