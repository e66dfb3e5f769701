#pragma once

#include <string>

#include "rz/base/field_visitor.h"

namespace rz::metrics {

/// Which characters the parts of a name are joined by.
enum class NameSeparator { underscore, dot_or_underscore };

/// The key `prefix`: what stands before the name of everything that a sink is sent.
void visit_prefix(FieldVisitor& fields, std::string& prefix, NameSeparator separator);

}  // namespace rz::metrics
