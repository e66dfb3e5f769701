#pragma once

#include <string>
#include <string_view>

#include "rz/reports/formats.h"

namespace rz::testing {

/// What `document` is in the format of that name, in a file or a pipe.
template <class Document>
std::string written(const Document& document, std::string_view format) {
  reports::StringPage page;
  reports::write(document, format, page);
  return page.text();
}

}  // namespace rz::testing
