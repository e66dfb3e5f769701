#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "rz/reports/writing/page.h"

namespace rz::reports {

/// Writes an XML document, an element a line, indented. Values of attributes may hold any bytes:
/// what has a meaning in XML, and every character that a terminal would obey, is written as a
/// reference; what XML cannot represent becomes U+FFFD.
class XmlWriter {
 public:
  /// An element; names are those of the format.
  struct Element {
    std::string_view name;
    std::vector<std::pair<std::string_view, std::string>> attributes;
    std::string text{};  ///< What stands within it, any bytes. Of one that is within another only.
  };

  /// Writes the declaration.
  explicit XmlWriter(Page& page);
  /// Begins an element that others are within, until close().
  void open(const Element& element);
  void close();
  /// An element with nothing within.
  void add(const Element& element);
  /// An element with one other within, in the same line.
  void add(const Element& element, const Element& within);

 private:
  std::string indent() const { return std::string(2 * open_.size(), ' '); }

  Page& page_;
  std::vector<std::string> open_;  ///< Names of the elements that are not closed yet.
};

}  // namespace rz::reports
