#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "rz/base/clock.h"
#include "rz/fallback/mode.h"

namespace rz::history {

/// How an episode ended.
enum class EpisodeEnd {
  recovered,  ///< The mode became primary again.
  open,       ///< It goes on at the end of the window.
  cut,        ///< What came then is unknown.
};

/// `recovered open cut`.
const char* to_string(EpisodeEnd end);

/// A time in which the mode was not primary, from leaving it to entering it again.
struct Episode {
  TimePoint begin{};
  TimePoint end{};  ///< Of one that is open: the end of the window.
  EpisodeEnd ended = EpisodeEnd::open;
  /// It had begun before the window, or before what is known: its length is that of a part.
  bool begun_before = false;
  /// Whether it began at `begin`; else that is the earliest time at which it is known.
  bool begin_known = true;
  Micros length{0};       ///< Within the window and outside of maintenance.
  Micros maintenance{0};  ///< How much of it was maintenance.
  Mode worst = Mode::heuristic;
  std::vector<std::string> reasons{};  ///< Of becoming worse, each once; any bytes.
  std::size_t more_reasons = 0;        ///< How many were left out.
  // Of the record that began it; empty where that is not known.
  std::string trigger{};
  std::string actor{};
  std::string host{};
  std::optional<std::int64_t> epoch{};

  /// Whether its length is the time that it took to recover.
  bool complete() const { return ended == EpisodeEnd::recovered && !begun_before; }
  /// Which number of Recovery it is in: `cut`, too, if it has recovered but is only a part.
  EpisodeEnd counted_as() const;
};

/// How long it took to recover, over complete episodes alone: of the others the length is not
/// known, and to count what is known of them would make recovery look faster than it is.
struct Recovery {
  std::size_t complete = 0;
  std::size_t open = 0;  ///< Not ended.
  std::size_t cut = 0;   ///< Ended, and begun before the window; or what came before or then is
                         ///< unknown.
  std::optional<Micros> mean{};    ///< Nothing: no episode is complete.
  std::optional<Micros> median{};  ///< Of an even number: the mean of the two in the middle.
  std::optional<Micros> p90{};     ///< The least length that 90 % do not exceed (nearest rank).
};

}  // namespace rz::history
