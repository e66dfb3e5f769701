#include "rz/cli/table.h"

#include <algorithm>

#include "rz/base/text.h"

namespace rz::cli {
namespace {

constexpr std::size_t kGap = 2;

void append_cell(std::string& line, const Output& out, const Table::Cell& cell, std::size_t width,
                 bool right, bool last) {
  const std::size_t used = display_width(cell.text);
  const std::size_t pad = width > used ? width - used : 0;
  if (right) line.append(pad, ' ');
  line += out.paint(cell.color, cell.text);
  // No trailing blanks: they would wrap on a narrow terminal and litter a diff.
  if (!right && !last) line.append(pad, ' ');
  if (!last) line.append(kGap, ' ');
}

}  // namespace

void Table::print(Output& out) {
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

  // Only a terminal has an edge; a pipe or a file gets the whole text.
  std::size_t room = 0;
  if (out.terminal()) {
    std::size_t before = 0;
    for (std::size_t i = 0; i + 1 < widths_.size(); ++i) before += widths_[i] + kGap;
    const auto total = static_cast<std::size_t>(out.width());
    room = total > before + 10 ? total - before : 10;
  }

  const auto print_row = [&](const std::vector<Cell>& row) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) {
      const bool last = i + 1 == row.size();
      Cell cell = row[i];
      if (last && room > 0) cell.text = ellipsize(cell.text, room);
      append_cell(line, out, cell, widths_[i], columns_[i].right, last);
    }
    line.erase(line.find_last_not_of(' ') + 1);
    out.line(line);
  };

  std::vector<Cell> titles;
  for (const Column& column : columns_) titles.push_back({column.title, "dim"});
  if (first) print_row(titles);
  for (const auto& row : rows_) print_row(row);
  rows_.clear();
}

}  // namespace rz::cli
