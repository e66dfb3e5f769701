#include "rz/reports/cascade_answer.h"

#include "rz/base/counted.h"

namespace rz::reports {

bool votes_apply(const Votes& votes) {
  return votes.quorum > 1 || votes.standing.size() > 1 ||
         (!votes.standing.empty() && votes.standing.front().voter != votes.own) ||
         !votes.unreadable.empty();
}

std::string waiting_for_store(const StoreStatus& status) {
  std::string what;
  if (status.spooled > 0 || status.orders == 0) {
    what = status.spooled == 0 ? "no transition" : counted(status.spooled, "transition");
  }
  if (status.orders > 0) what += (what.empty() ? "" : " and ") + counted(status.orders, "order");
  const bool one = status.spooled + status.orders <= 1;
  return what + (one ? " waits for the store" : " wait for the store");
}

}  // namespace rz::reports
