#pragma once

#include <string>

#include "rz/base/value.h"
#include "rz/cond/explain.h"

namespace rz {

/// The explanation for a person, a line for each part, without a line end after the last:
///
///     false  severity >= 0.8 and step > 1
///     ├─ false  severity >= 0.8  [severity = 0.75]  decides
///     └─ skipped  step > 1
///     severity is 0.75, needs at least 0.8 for true, and then step is needed
std::string to_text(const Explanation& explanation);

/// `{"schema":"rz.cond.explain/1","expression","result","change","explanation"}`. A part has text,
/// state, result, decides, and operation with parts, or operands.
Value to_value(const Explanation& explanation);

}  // namespace rz
