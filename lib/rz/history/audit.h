#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "rz/base/clock.h"
#include "rz/fallback/history/transition.h"
#include "rz/history/causes.h"
#include "rz/history/episode.h"
#include "rz/history/error_budget.h"
#include "rz/history/longest_stretches.h"
#include "rz/history/mode_time.h"
#include "rz/history/periods.h"

/// What a history tells: times in modes, episodes, budgets. Pure functions over a stream of
/// records, in one pass and bounded memory. rz-transitions(1) has the formulas.
namespace rz::history {

/// What is to be found out.
struct AuditQuestion {
  Interval window{};
  Micros flap_window{std::chrono::minutes{10}};
  std::optional<Objective> objective{};
  /// In order and disjoint, from read_from() to the end of the window.
  std::vector<Interval> maintenance{};
  /// The bounds of Audit::periods; empty: there are none.
  std::vector<TimePoint> periods{};
  /// Whether Audit::recent also has what is before the window, as far as the history does.
  bool recent_beyond = false;
  /// What is kept at most: the rest is counted.
  std::size_t most_episodes = 1'000;
  std::size_t most_segments = 20'000;
  std::size_t most_causes = 20;
  std::size_t most_records = 10;  ///< Behind each figure that a limit is of.
};

/// From when on the records are needed: what is before the window tells what is a flap in it, and
/// what was spent of a budget.
TimePoint read_from(const AuditQuestion& question);

/// The records of the window.
struct RecordCounts {
  std::size_t records = 0;
  std::size_t pins = 0;          ///< That set or released a pin, and left the mode as it was.
  std::size_t restored = 0;      ///< That put back what a store had lost.
  std::size_t offline = 0;       ///< Of one host alone; they do not count.
  std::size_t legacy = 0;        ///< That the old system wrote.
  std::size_t planned = 0;       ///< Transitions in maintenance; they do not count.
  std::size_t out_of_order = 0;  ///< Whose time is before that of the record before them.
  std::size_t gaps = 0;          ///< Between which others are missing.
};

/// The newest of the records that a figure counts.
struct Evidence {
  std::size_t total = 0;
  std::vector<Transition> newest{};  ///< In their order.
};

/// A stretch of the band of modes.
struct BandSegment {
  Interval when{};
  TimeKind kind = TimeKind::unknown;
  std::uint32_t reason = 0;  ///< In Audit::band_reasons: of the record that began it.
};

/// The time of so many days up to the end of the window.
struct Recent {
  Micros period{0};
  ModeTime time{};
};

/// What was found.
struct Audit {
  Interval window{};
  Micros flap_window{0};
  /// Whether anything is known of the window: a record is in it, or a mode held then.
  bool informed = false;
  ModeTime time{};
  /// How much of the unknown time is between records of which others are missing: it may have been
  /// of any mode. The rest is before anything is known.
  Micros lost{0};
  RecordCounts records{};
  Evidence transitions{};  ///< Changes of the mode, outside of maintenance.
  Evidence flaps{};
  std::vector<Episode> episodes{};  ///< The longest, in the order of time.
  std::size_t episodes_total = 0;
  std::optional<Micros> longest_degraded{};  ///< Of an episode.
  Recovery recovery{};
  std::vector<Stretch> longest_primary{};
  std::vector<Stretch> worst_degraded{};  ///< The longest times in heuristic or safe.
  std::size_t degraded_stretches = 0;
  std::vector<Stretch> worst_safe{};
  std::size_t safe_stretches = 0;
  std::vector<Cause> causes{};
  std::vector<Period> periods{};    ///< As the question says.
  std::vector<Period> timeline{};   ///< kTimelineParts equal parts of the window.
  std::vector<BandSegment> band{};  ///< The modes; what is maintenance is in `maintenance`.
  std::vector<std::string> band_reasons{};
  std::size_t band_total = 0;    ///< More than `band` has: it was too long and is empty.
  std::vector<Recent> recent{};  ///< 1d, 7d, 30d, 90d, as far as the window has them, or beyond.
  std::optional<ErrorBudget> budget{};
  std::vector<Interval> maintenance{};  ///< Within the window.
};

/// Of Audit::timeline: a number that many widths divide.
inline constexpr std::size_t kTimelineParts = 960;

}  // namespace rz::history
