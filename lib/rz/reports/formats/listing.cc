// A list whose rows have no format of their own.

#include "rz/reports/listing.h"

#include <string>
#include <utility>
#include <vector>

#include "rz/base/invariant.h"
#include "rz/base/json.h"
#include "rz/reports/formats.h"
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

void require_whole(const Listing& list) {
  require_invariant(!list.columns.empty(), "a listing has columns");
  for (const std::vector<Value>& row : list.rows) {
    require_invariant(row.size() == list.columns.size(), "a row has a value for each column");
  }
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

void Json::write(const Listing& list, Page& page) {
  require_whole(list);
  Value rows = Value::array();
  for (const std::vector<Value>& row : list.rows) {
    Value object = Value::object();
    for (std::size_t i = 0; i < row.size(); ++i) object.set(list.columns[i], row[i]);
    rows.push_back(std::move(object));
  }
  page.json(Value::object(
      {{"schema", std::string(list.schema)}, {std::string(list.member), std::move(rows)}}));
}

}  // namespace rz::reports
