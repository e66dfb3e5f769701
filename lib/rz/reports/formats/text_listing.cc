#include <string>
#include <utility>
#include <vector>

#include "rz/base/json.h"
#include "rz/reports/formats.h"
#include "rz/reports/listing.h"
#include "rz/reports/writing/text_table.h"

namespace rz::reports {
namespace {

std::string title_of(std::string_view column) {
  std::string title(column);
  for (char& c : title) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    if (c == '_') c = ' ';
  }
  return title;
}

std::string cell_of(const Value& value) {
  if (value.is_null()) return "-";
  return value.as_string() != nullptr ? *value.as_string() : to_json(value);
}

}  // namespace

void Text::write(const Listing& list, Page& page) {
  require_whole(list);
  std::vector<TextTable::Column> columns;
  for (const std::string_view column : list.columns) columns.push_back({title_of(column)});
  columns.back().wrap = true;
  TextTable table(std::move(columns));
  for (const std::vector<Value>& row : list.rows) {
    std::vector<Painted> cells;
    for (const Value& value : row) cells.push_back({cell_of(value)});
    table.add(std::move(cells));
  }
  table.print(page);
}

}  // namespace rz::reports
