#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "rz/reports/writing/page.h"

namespace rz::reports {

/// Writes CSV (RFC 4180: CRLF, quotes where they are needed). Fields may hold any bytes. In a file
/// or a pipe they stay as they are; on a terminal, which would obey them, they are made printable.
/// Before a field that a spreadsheet would run as a formula (it begins with one of `= + - @`, a tab
/// or a line break, and is not a number) an apostrophe stands, by which spreadsheets know a text.
class CsvWriter {
 public:
  explicit CsvWriter(Page& page) : page_(page), printable_(page.terminal()) {}
  void row(std::span<const std::string_view> fields);
  void row(std::span<const std::string> fields) {
    row(std::vector<std::string_view>(fields.begin(), fields.end()));
  }
  void row(std::initializer_list<std::string_view> fields) {
    row(std::span<const std::string_view>(fields.begin(), fields.size()));
  }

 private:
  void append(std::string_view field);

  Page& page_;
  const bool printable_;
  std::string line_;
};

}  // namespace rz::reports
