#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <vector>

#include "rz/history/episode.h"
#include "rz/history/mode_time.h"
#include "rz/history/mode_timeline.h"

namespace rz::history {

/// Finds the episodes of degradation. Memory: the longest `most` of them, and eight bytes for each
/// complete one, whose lengths must all be known for a median.
class EpisodeTracker {
 public:
  /// `on_episode` is called with each one, as it ends.
  EpisodeTracker(Interval window, std::size_t most,
                 std::function<void(const Episode&)> on_episode = {})
      : window_(window), most_(most), on_episode_(std::move(on_episode)) {}

  /// The mode holds at the beginning of what is looked at, which may be within an episode;
  /// `in_maintenance`: whether it is then. To be called after change() of the records that led to
  /// the mode, if they are known.
  void begin_with(const KnownMode& known, bool in_maintenance);

  /// A part of the stretch that comes before the next record; `mode`: during it.
  void pass(const Segment& part, Mode mode);

  /// A record, after pass() of what came before it. `in_maintenance`: whether it was then.
  void change(const Step& step, const Transition& record, bool in_maintenance);

  /// The episodes, the earliest first, and what all of them tell.
  struct Found {
    std::vector<Episode> episodes;
    std::size_t total = 0;  ///< With those that are not among the longest.
    std::optional<Micros> longest{};
    Recovery recovery;
  };
  Found finish();

 private:
  void open(TimePoint time, Mode mode, bool begin_known, bool in_maintenance);
  void close(TimePoint time, EpisodeEnd end);
  void worsen(const Transition& record, TimePoint time);
  void keep(Episode episode);

  Interval window_;
  std::size_t most_;
  std::function<void(const Episode&)> on_episode_;
  std::optional<Episode> episode_{};
  bool began_in_maintenance_ = false;
  TimePoint at_{};                  ///< Up to which the mode is known.
  std::vector<Episode> longest_{};  ///< A heap, the shortest first.
  std::vector<Micros> complete_{};
  std::size_t total_ = 0, open_ = 0, cut_ = 0;
  std::optional<Micros> greatest_{};
};

/// How long the complete ones of these lengths took; `open` and `cut` stay 0.
Recovery recovery_of(std::vector<Micros> lengths);

}  // namespace rz::history
