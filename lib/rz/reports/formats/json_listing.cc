#include <string>
#include <utility>
#include <vector>

#include "rz/reports/formats.h"
#include "rz/reports/listing.h"

namespace rz::reports {

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
