#include "rz/fallback/store_status.h"

#include <algorithm>
#include <utility>

namespace rz {
namespace {

// Each sentence once, in the order in which they came.
void add(std::vector<std::string>& all, std::vector<std::string> more) {
  for (std::string& sentence : more) {
    if (std::find(all.begin(), all.end(), sentence) == all.end())
      all.push_back(std::move(sentence));
  }
}

}  // namespace

void StoreStatus::add_doubt(std::string doubt) {
  if (!doubt.empty()) add(doubts, {std::move(doubt)});
}

void StoreStatus::add_warnings(std::vector<std::string> more) { add(warnings, std::move(more)); }

void StoreStatus::add_findings(StoreStatus other) {
  if (store_lost.empty()) store_lost = std::move(other.store_lost);
  add(doubts, std::move(other.doubts));
  add(warnings, std::move(other.warnings));
  add(notes, std::move(other.notes));
}

}  // namespace rz
