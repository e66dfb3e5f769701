#pragma once

#include <string>
#include <vector>

#include "rz/cli/output.h"

namespace rz::cli {

/// Rows of text in aligned columns, two spaces apart. A column's width is that of its widest cell;
/// where the whole is wider than the output, the last column is cut with `…`.
class Table {
 public:
  struct Column {
    std::string title;
    bool right = false;  ///< Numbers.
  };
  /// One cell: printable text, and the colour it is painted with, if any.
  struct Cell {
    std::string text;
    std::string color = {};
  };

  explicit Table(std::vector<Column> columns) : columns_(std::move(columns)) {}
  void add(std::vector<Cell> row) { rows_.push_back(std::move(row)); }
  bool empty() const { return rows_.empty(); }
  std::size_t size() const { return rows_.size(); }
  /// Prints the rows and forgets them; the titles stand above the first ones. Later rows go on in
  /// columns that are no narrower. Nothing if there are no rows.
  void print(Output& out);

 private:
  std::vector<Column> columns_;
  std::vector<std::vector<Cell>> rows_;
  std::vector<std::size_t> widths_;  ///< So far; empty: nothing has been printed.
};

}  // namespace rz::cli
