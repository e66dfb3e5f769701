#include "rz/history/maintenance_cut.h"

#include <algorithm>

namespace rz::history {

void MaintenanceCut::pass(TimePoint time) {
  while (next_ < windows_.size() && windows_[next_].end <= time) ++next_;
}

bool MaintenanceCut::contains(TimePoint time) {
  pass(time);
  return next_ < windows_.size() && windows_[next_].contains(time);
}

void MaintenanceCut::cut(const Segment& segment, const std::function<void(const Segment&)>& visit) {
  TimePoint at = segment.when.begin;
  while (at < segment.when.end) {
    pass(at);
    const bool any = next_ < windows_.size();
    if (any && windows_[next_].contains(at)) {
      const TimePoint end = std::min(windows_[next_].end, segment.when.end);
      visit({{at, end}, TimeKind::maintenance});
      at = end;
    } else {
      const TimePoint end =
          any ? std::min(windows_[next_].begin, segment.when.end) : segment.when.end;
      visit({{at, end}, segment.kind});
      at = end;
    }
  }
}

}  // namespace rz::history
