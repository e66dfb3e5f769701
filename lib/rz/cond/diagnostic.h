#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "rz/base/result.h"
#include "rz/cond/token.h"

namespace rz::cond {

/// One thing that is wrong with a condition, and where.
struct Diagnostic {
  Span span;
  std::string message;
};

/// Where a text stands in its source.
struct Source {
  std::string_view name = "condition";
  std::size_t first_line = 1;
};

/// The diagnostic as an Error: `where` is `NAME:LINE:COLUMN` (from 1; columns are code points), the
/// message is followed by the line and a caret under the place:
///
///     unknown variable 'severty'; did you mean 'severity'?
///       severty >= 0.8
///       ^~~~~~~
///
/// A long line is cut around the place; what could steer a terminal is escaped.
Error to_error(std::string_view text, const Diagnostic& diagnostic, ErrorCode code,
               const Source& source = {});

}  // namespace rz::cond
