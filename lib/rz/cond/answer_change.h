#pragma once

#include <optional>
#include <span>

#include "rz/cond/ast.h"
#include "rz/cond/explain.h"

namespace rz::cond {

/// The smallest change of one value that turns `answer`, the condition's answer for `values`,
/// round.
std::optional<AnswerChange> find_answer_change(const Ast& ast,
                                               std::span<const ConditionValue> values, bool answer);

}  // namespace rz::cond
