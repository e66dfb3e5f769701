#include "rz/reports/listing.h"

#include "rz/base/invariant.h"

namespace rz::reports {

void require_whole(const Listing& list) {
  require_invariant(!list.columns.empty(), "a listing has columns");
  for (const std::vector<Value>& row : list.rows) {
    require_invariant(row.size() == list.columns.size(), "a row has a value for each column");
  }
}

}  // namespace rz::reports
