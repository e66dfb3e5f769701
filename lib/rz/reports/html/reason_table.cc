#include "rz/reports/html/reason_table.h"

#include <cstddef>
#include <cstdint>

#include "rz/base/text.h"
#include "rz/history/causes.h"
#include "rz/reports/html/html_page.h"

namespace rz::reports {
namespace {

constexpr std::size_t kWholeBytes = 6 * 1024;
constexpr std::size_t kMostBytes = 10 * 1024;
constexpr std::size_t kReasonColumns = 200;

// `circuit_open(12s)` and `circuit_open(13s)` are one.
std::string causes_in(const std::string& reason) {
  Transition record;
  record.trigger = trigger::kEvaluation;
  record.reason = reason;
  return join(history::causes_of(record), "; ");
}

}  // namespace

std::string ReasonTable::text_for(const std::string& reason) const {
  const std::string whole = ellipsize(printable(reason), kReasonColumns);
  if (json_.size() < kWholeBytes || numbers_.contains(whole)) return whole;
  const std::string causes = ellipsize(printable(causes_in(reason)), kReasonColumns);
  return json_.size() < kMostBytes || numbers_.contains(causes) ? causes : "…";
}

std::string ReasonTable::number(const std::string& reason) {
  const std::string text = text_for(reason);
  const auto [at, is_new] =
      numbers_.emplace(text, html_number(static_cast<std::int64_t>(numbers_.size())));
  if (is_new) json_ += (json_.empty() ? "" : ",") + html_json(text);
  return at->second;
}

}  // namespace rz::reports
