#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "rz/reports/writing/page.h"

namespace rz::reports {

/// Rows of text in aligned columns, two spaces apart. A column's width is that of its widest cell;
/// where the whole is wider than a terminal, the column that may shrink is cut with `…`, and then
/// the last one; the last one is wrapped instead where the column says so, or the page shows
/// everything. Cells may hold any bytes.
class TextTable {
 public:
  struct Column {
    std::string title;
    bool right = false;   ///< Numbers.
    bool wrap = false;    ///< The last one only: its text goes on in further lines.
    bool shrink = false;  ///< One before the last: gives up its room before that does.
  };

  explicit TextTable(std::vector<Column> columns)
      : columns_(std::move(columns)), widths_(columns_.size()) {}
  /// Rows that come later may be as wide in that column, which keeps the rows aligned.
  void reserve_width(std::size_t column, std::size_t width) {
    widths_[column] = std::max(widths_[column], width);
  }
  /// The titles stand above an earlier table, which this one continues.
  void omit_titles() { titled_ = true; }
  void add(std::vector<Painted> row);
  /// A line below the last row, cut where the terminal ends; any bytes.
  void note(std::string_view text);
  bool empty() const { return rows_.empty(); }
  std::size_t size() const { return rows_.size(); }
  /// Prints the rows and forgets them; the titles stand above the first ones. Columns never become
  /// narrower for later rows. Without rows nothing is printed.
  void print(Page& page);

 private:
  /// Makes the column that may shrink narrower, so that the last one has room.
  void shrink_to(const Page& page);
  std::string note_text(const Page& page, const std::string& note) const;
  std::string row_text(const Page& page, const std::vector<Painted>& row, std::size_t room) const;
  std::string line_text(const Page& page, const std::vector<Painted>& row) const;

  std::vector<Column> columns_;
  std::vector<std::vector<Painted>> rows_;  ///< Printable.
  std::vector<std::string> notes_{};        ///< The same; of the first rows, or empty.
  std::vector<std::size_t> widths_;         ///< So far.
  std::vector<std::size_t> shown_{};        ///< The same, after shrinking.
  bool titled_ = false;                     ///< Whether the titles have been printed.
};

}  // namespace rz::reports
