#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "rz/base/value.h"

namespace rz::reports {

/// Things of one kind, and what is told of each: the whole answer of a command that lists them. A
/// person gets a table, a program an array of objects.
struct Listing {
  std::string_view schema;  ///< Of the document, as `rz.cascade.variables/1`.
  std::string_view member;  ///< Of the document: the array.
  /// The members of each object, and in capitals the titles of the table, whose last column wraps.
  std::vector<std::string_view> columns;
  /// A value for each column, null where there is none. Texts may hold any bytes.
  std::vector<std::vector<Value>> rows{};
};

/// Breaks off (require_invariant) if there are no columns, or a row has not a value for each.
void require_whole(const Listing& list);

}  // namespace rz::reports
