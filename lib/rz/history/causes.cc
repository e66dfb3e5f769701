#include "rz/history/causes.h"

#include <algorithm>
#include <tuple>

#include "rz/base/text.h"

namespace rz::history {
namespace {

constexpr std::size_t kMaxNameBytes = 120;
constexpr std::string_view kNoReason = "(no reason)";

std::string without_numbers(std::string_view piece) {
  piece = trim(piece);
  const std::size_t parenthesis = piece.find('(');
  if (parenthesis != std::string_view::npos && parenthesis > 0 && piece.ends_with(')')) {
    piece = trim(piece.substr(0, parenthesis));
  }
  return std::string(piece.substr(0, kMaxNameBytes));
}

}  // namespace

std::vector<std::string> causes_of(const Transition& record) {
  const std::string_view reason = trim(record.reason);
  if (reason.empty()) return {std::string(kNoReason)};
  if (record.trigger == trigger::kRestored) return {trigger::kRestored};
  if (record.trigger == trigger::kManual) return {std::string(reason.substr(0, kMaxNameBytes))};
  std::vector<std::string> names;
  for (const std::string_view piece : split(reason, ';')) {
    std::string name = without_numbers(piece);
    const bool is_new = std::find(names.begin(), names.end(), name) == names.end();
    if (!name.empty() && is_new) names.push_back(std::move(name));
  }
  if (names.empty()) names.emplace_back(kNoReason);
  return names;
}

Cause& CauseTable::cause(const std::string& name) {
  const auto known = causes_.find(name);
  if (known != causes_.end()) return known->second;
  const std::string key = causes_.size() < kMaxCauses ? name : std::string(kOthers);
  Cause& added = causes_[key];
  added.name = key;
  return added;
}

void CauseTable::worsened(const Transition& record, bool counts) {
  current_.clear();
  for (const std::string& name : causes_of(record)) {
    Cause& one = cause(name);
    if (counts) ++one.count;
    const bool is_new = std::find(current_.begin(), current_.end(), &one) == current_.end();
    if (is_new) current_.push_back(&one);
  }
}

void CauseTable::spent(Micros time) {
  for (Cause* one : current_) one->degraded += time;
}

std::vector<Cause> CauseTable::finish(std::size_t most) const {
  std::vector<Cause> causes;
  for (const auto& [name, cause] : causes_) {
    if (cause.count > 0 || cause.degraded > Micros{0}) causes.push_back(cause);
  }
  std::stable_sort(causes.begin(), causes.end(), [](const Cause& a, const Cause& b) {
    return std::tie(a.degraded, a.count) > std::tie(b.degraded, b.count);
  });
  if (causes.size() > most) causes.resize(most);
  return causes;
}

}  // namespace rz::history
