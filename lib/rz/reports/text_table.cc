#include "rz/reports/text_table.h"

#include <algorithm>
#include <utility>

#include "rz/base/text.h"

namespace rz::reports {
namespace {

constexpr std::size_t kGap = 2;
// What the last column keeps if the others fill the terminal.
constexpr std::size_t kLeastRoom = 10;

// The width of the last column on a terminal. 0, for a file or a pipe, means that its text is not
// cut.
std::size_t room_for_last(const Page& page, const std::vector<std::size_t>& widths) {
  if (!page.terminal()) return 0;
  std::size_t before = 0;
  for (std::size_t i = 0; i + 1 < widths.size(); ++i) before += widths[i] + kGap;
  const auto total = static_cast<std::size_t>(page.width());
  return total > before + kLeastRoom ? total - before : kLeastRoom;
}

}  // namespace

void TextTable::add(std::vector<Painted> row) {
  // Escaped before the widths are measured, since they are those of the text that is shown.
  for (Painted& cell : row) cell.text = printable(cell.text);
  rows_.push_back(std::move(row));
}

std::string TextTable::row_text(const Page& page, const std::vector<Painted>& row,
                                std::size_t room) const {
  std::string line;
  for (std::size_t i = 0; i < row.size(); ++i) {
    const bool last = i + 1 == row.size();
    std::string text = last && room > 0 ? ellipsize(row[i].text, room) : row[i].text;
    const std::size_t used = display_width(text);
    const std::size_t pad = widths_[i] > used ? widths_[i] - used : 0;
    if (columns_[i].right) line.append(pad, ' ');
    line += page.paint(row[i].color, std::move(text));
    // No blanks at the end of a line: they would wrap on a narrow terminal and show up in a diff.
    if (!columns_[i].right && !last) line.append(pad, ' ');
    if (!last) line.append(kGap, ' ');
  }
  line.erase(line.find_last_not_of(' ') + 1);
  return line + "\n";
}

void TextTable::print(Page& page) {
  if (rows_.empty()) return;
  const bool first = widths_.empty();
  widths_.resize(columns_.size());
  if (first) {
    for (std::size_t i = 0; i < columns_.size(); ++i) widths_[i] = display_width(columns_[i].title);
  }
  for (const auto& row : rows_) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      widths_[i] = std::max(widths_[i], display_width(row[i].text));
    }
  }
  const std::size_t room = room_for_last(page, widths_);
  if (first) {
    std::vector<Painted> titles;
    for (const Column& column : columns_) titles.push_back({column.title, Color::dim});
    page.raw(row_text(page, titles, room));
  }
  for (const auto& row : rows_) page.raw(row_text(page, row, room));
  rows_.clear();
}

}  // namespace rz::reports
