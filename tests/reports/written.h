#pragma once

#include <string>
#include <string_view>

#include "rz/base/timestamp.h"
#include "rz/reports/formats.h"

namespace rz::testing {

/// When all that is reported happened.
inline const TimePoint kNow = *parse_timestamp("2026-01-02T03:04:05.000000Z");

/// What `document` is in the format of that name, in a file or a pipe.
template <class Document>
std::string written(const Document& document, std::string_view format) {
  reports::StringPage page;
  reports::write(document, format, page);
  return page.text();
}

}  // namespace rz::testing
