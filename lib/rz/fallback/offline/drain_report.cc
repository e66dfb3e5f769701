#include "rz/fallback/offline/drain_report.h"

#include <algorithm>

#include "rz/base/counted.h"
#include "rz/fallback/offline/spooled_decision.h"

namespace rz::fallback {
namespace {

constexpr const char* kLostOrders =
    "a pin that was changed while the store was away does not hold: others decided meanwhile";

}  // namespace

std::string lost_orders(const std::vector<SpoolEntry>& entries) {
  return std::any_of(entries.begin(), entries.end(), is_order) ? kLostOrders : "";
}

std::vector<std::string> DrainReport::sentences() const {
  std::vector<std::string> all = warnings;
  if (busy) all.push_back("another rz is bringing the decisions of an outage to the store");
  if (recorded > 0) {
    all.push_back("the store is back: " + counted(recorded, "transition") + " decided without it " +
                  (recorded == 1 ? "is" : "are") + " now recorded");
  }
  return all;
}

std::string DrainReport::lost_decisions() const {
  if (overtaken == 0) return {};
  return "the store is back: " + counted(overtaken, "transition") + " of this host alone " +
         (overtaken == 1 ? "does" : "do") + " not hold, for others decided since, or voted " +
         "otherwise; the history has " + (overtaken == 1 ? "it" : "them") + " as offline";
}

std::string DrainReport::lost_orders() const { return pins_lost > 0 ? kLostOrders : ""; }

}  // namespace rz::fallback
