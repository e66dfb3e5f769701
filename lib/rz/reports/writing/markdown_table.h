#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "rz/reports/writing/page.h"

namespace rz::reports {

/// A table in GitHub's Markdown, written row by row. Cells may hold any bytes: they are made
/// printable, and characters with a meaning in Markdown are escaped.
class MarkdownTable {
 public:
  struct Column {
    std::string title;
    bool right = false;  ///< Numbers.
  };

  /// Writes the titles.
  MarkdownTable(Page& page, const std::vector<Column>& columns);
  void row(const std::vector<std::string>& cells);

 private:
  Page& page_;
};

/// `text` as it may stand in a cell or in a paragraph.
std::string escape_markdown(std::string_view text);

}  // namespace rz::reports
