#pragma once

#include <string_view>

#include "rz/base/result.h"

namespace rz::reports {

/// In place of a document that could not be made. A format that has none for it leaves the answer
/// empty: the message on standard error says it.
struct Failure {
  std::string_view schema;  ///< Of the document that was asked for.
  std::string_view answer;  ///< Its member that is the answer, null here; empty: it has none.
  Error error{};
};

}  // namespace rz::reports
