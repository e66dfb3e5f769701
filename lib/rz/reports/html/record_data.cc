#include "rz/reports/html/record_data.h"

#include <algorithm>
#include <chrono>

#include "rz/reports/html/html_page.h"

namespace rz::reports {
namespace {

std::int64_t seconds_since_1970(TimePoint time) {
  return std::chrono::floor<std::chrono::seconds>(time.time_since_epoch()).count();
}

}  // namespace

// Whether the script finds in that stretch, and in the one before, all that it shows of the record.
bool RecordData::begins(std::size_t stretch, const Transition& record) const {
  const auto& band = band_->band;
  if (stretch == 0 || stretch >= band.size()) return false;
  const history::BandSegment& now = band[stretch];
  const std::string& reason = band_->band_reasons[now.reason];
  return seconds_since_1970(now.when.begin) == seconds_since_1970(record.timestamp) &&
         now.kind == history::kind_of(record.to) &&
         band[stretch - 1].kind == history::kind_of(record.from) && !reason.empty() &&
         reasons_.number(reason) == reasons_.number(record.reason);
}

// In the direction of the list, whichever that is.
bool RecordData::begins_neighbour(const Transition& record) {
  const bool earlier = seconds_since_1970(record.timestamp) < at_;
  const std::size_t neighbour = earlier ? stretch_ - 1 : stretch_ + 1;
  if (!begins(neighbour, record)) return false;
  stretch_ = neighbour;
  text_ += earlier ? '-' : '=';
  return true;
}

bool RecordData::begins_any(const Transition& record) {
  const std::int64_t time = seconds_since_1970(record.timestamp);
  const auto& band = band_->band;
  auto at = std::partition_point(band.begin(), band.end(), [time](const auto& stretch) {
    return seconds_since_1970(stretch.when.begin) < time;
  });
  for (; at != band.end() && seconds_since_1970(at->when.begin) == time; ++at) {
    const auto stretch = static_cast<std::size_t>(at - band.begin());
    if (!begins(stretch, record)) continue;
    stretch_ = stretch;
    text_ += "@" + html_number(static_cast<std::int64_t>(stretch));
    return true;
  }
  return false;
}

void RecordData::add(const Transition& record, const std::string& actor) {
  const std::int64_t at = seconds_since_1970(record.timestamp);
  const bool in_band = band_ != nullptr && (begins_neighbour(record) || begins_any(record));
  if (!in_band) {
    text_ += "," + html_number(at - at_) + html_letter(history::kind_of(record.from)) +
             html_letter(history::kind_of(record.to)) + reasons_.number(record.reason);
  }
  at_ = at;
  const std::string number = actors_.number(actor);
  if (number != actor_) text_ += "." + number;
  actor_ = number;
}

}  // namespace rz::reports
