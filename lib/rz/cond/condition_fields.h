#pragma once

#include <optional>

#include "rz/base/field_visitor.h"
#include "rz/cond/condition.h"
#include "rz/cond/lint.h"

namespace rz::cond {

/// The keys of `conditions`.
void visit_fields(FieldVisitor& fields, ConditionOptions& options);

/// A condition over the variables of `options`; nothing if none is given, or a wrong one. Of one
/// that compares a variable of `words` with another word it is told.
std::optional<Condition> visit_condition(FieldVisitor& fields, const Field& field,
                                         const ConditionOptions& options,
                                         const cond::KnownWords& words = {});

}  // namespace rz::cond
