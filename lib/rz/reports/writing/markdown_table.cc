#include "rz/reports/writing/markdown_table.h"

#include "rz/base/text.h"

namespace rz::reports {

std::string escape_markdown(std::string_view text) {
  // Markdown allows any punctuation to be escaped. These are the characters that have a meaning
  // within a line.
  constexpr std::string_view kMeaning = "\\`*_[]<>&|~$!";
  std::string out;
  for (const char c : printable(text)) {
    if (kMeaning.find(c) != std::string_view::npos) out += '\\';
    out += c;
    // Where a person of that name is called by it, as on GitHub, a check must not call anybody.
    if (c == '@') out += "<!-- -->";
  }
  return out;
}

MarkdownTable::MarkdownTable(Page& page, const std::vector<Column>& columns) : page_(page) {
  std::vector<std::string> titles;
  std::string rule = "|";
  for (const Column& column : columns) {
    titles.push_back(column.title);
    rule += column.right ? " ---: |" : " --- |";
  }
  row(titles);
  page_.raw(rule + "\n");
}

void MarkdownTable::row(const std::vector<std::string>& cells) {
  std::string line = "|";
  for (const std::string& cell : cells) line += " " + escape_markdown(cell) + " |";
  page_.raw(line + "\n");
}

}  // namespace rz::reports
