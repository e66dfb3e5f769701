#include "rz/reports/writing/text_table.h"

#include <algorithm>
#include <utility>

#include "rz/base/text.h"

namespace rz::reports {
namespace {

constexpr std::size_t kGap = 2;
// What the last column keeps if the others fill the terminal, and what one that shrinks keeps.
constexpr std::size_t kLeastRoom = 10;
// For so much of the last column another one shrinks.
constexpr std::size_t kFairRoom = 20;

// The width of the last column on a terminal. 0, for a file or a pipe, means that its text is not
// cut.
std::size_t room_for_last(const Page& page, const std::vector<std::size_t>& widths) {
  if (!page.terminal()) return 0;
  std::size_t before = 0;
  for (std::size_t i = 0; i + 1 < widths.size(); ++i) before += widths[i] + kGap;
  const auto total = static_cast<std::size_t>(page.width());
  return total > before + kLeastRoom ? total - before : kLeastRoom;
}

// The beginning of `text` that fits, up to a blank if there is one; it is taken off.
std::string take_line(std::string_view& text, std::size_t room) {
  std::size_t end = 0;
  std::size_t columns = 0;
  std::size_t blank = std::string_view::npos;
  while (end < text.size()) {
    const CodePoint c = decode_utf8(text.substr(end));
    const std::size_t size = c.size == 0 ? 1 : c.size;
    columns += display_width(text.substr(end, size));
    if (columns > room && end > 0) break;
    if (text[end] == ' ') blank = end;
    end += size;
  }
  const bool all = end >= text.size();
  if (!all && text[end] != ' ' && blank != std::string_view::npos && blank > 0) end = blank;
  std::string line(trim(text.substr(0, end)));
  text.remove_prefix(end);
  text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
  return line;
}

}  // namespace

void TextTable::add(std::vector<Painted> row) {
  // Escaped before the widths are measured, since they are those of the text that is shown.
  for (Painted& cell : row) cell.text = printable(cell.text);
  rows_.push_back(std::move(row));
}

void TextTable::note(std::string_view text) {
  notes_.resize(rows_.size());
  notes_.back() = printable(text);
}

std::string TextTable::note_text(const Page& page, const std::string& note) const {
  const bool cut = page.terminal() && !page.whole();
  const auto room = std::max(static_cast<std::size_t>(page.width()), kLeastRoom) - kGap;
  return std::string(kGap, ' ') + (cut ? ellipsize(note, room) : note) + '\n';
}

void TextTable::shrink_to(const Page& page) {
  shown_ = widths_;
  if (!page.terminal() || page.whole()) return;
  const auto column = std::find_if(columns_.begin(), columns_.end() - 1,
                                   [](const Column& one) { return one.shrink; });
  if (column == columns_.end() - 1) return;
  std::size_t total = std::min(widths_.back(), kFairRoom);
  for (std::size_t i = 0; i + 1 < widths_.size(); ++i) total += widths_[i] + kGap;
  const auto room = static_cast<std::size_t>(page.width());
  if (total <= room) return;
  std::size_t& width = shown_[static_cast<std::size_t>(column - columns_.begin())];
  width = std::min(width, std::max(kLeastRoom, width - std::min(width, total - room)));
}

std::string TextTable::row_text(const Page& page, const std::vector<Painted>& row,
                                std::size_t room) const {
  if (room == 0) return line_text(page, row);
  std::vector<Painted> line = row;
  if (!columns_.back().wrap && !page.whole()) {
    line.back().text = ellipsize(row.back().text, room);
    return line_text(page, line);
  }
  std::string_view rest = row.back().text;
  line.back().text = take_line(rest, room);
  std::string lines = line_text(page, line);
  for (Painted& cell : line) cell.text.clear();
  while (!rest.empty()) {
    line.back().text = take_line(rest, room);
    lines += line_text(page, line);
  }
  return lines;
}

std::string TextTable::line_text(const Page& page, const std::vector<Painted>& row) const {
  std::string line;
  for (std::size_t i = 0; i < row.size(); ++i) {
    const bool last = i + 1 == row.size();
    // The last column has been cut already, or is wrapped.
    const bool cut = columns_[i].shrink && !last;
    const std::string text = cut ? ellipsize(row[i].text, shown_[i]) : row[i].text;
    const std::size_t used = display_width(text);
    const std::size_t pad = shown_[i] > used ? shown_[i] - used : 0;
    if (columns_[i].right) line.append(pad, ' ');
    line += page.color() && !text.empty() ? page.paint(row[i].color, text) : text;
    // No blanks at the end of a line: they would wrap on a narrow terminal and show up in a diff.
    if (!columns_[i].right && !last) line.append(pad, ' ');
    if (!last) line.append(kGap, ' ');
  }
  line.erase(line.find_last_not_of(' ') + 1);
  line += '\n';
  return line;
}

void TextTable::print(Page& page) {
  if (rows_.empty()) return;
  const bool first = !titled_;
  titled_ = true;
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    widths_[i] = std::max(widths_[i], display_width(columns_[i].title));
  }
  for (const auto& row : rows_) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      widths_[i] = std::max(widths_[i], display_width(row[i].text));
    }
  }
  shrink_to(page);
  const std::size_t room = room_for_last(page, shown_);
  if (first) {
    std::vector<Painted> titles;
    for (const Column& column : columns_) titles.push_back({column.title, Color::dim});
    page.raw(row_text(page, titles, room));
  }
  for (std::size_t i = 0; i < rows_.size(); ++i) {
    page.raw(row_text(page, rows_[i], room));
    if (i < notes_.size() && !notes_[i].empty()) page.raw(note_text(page, notes_[i]));
  }
  rows_.clear();
  notes_.clear();
}

}  // namespace rz::reports
