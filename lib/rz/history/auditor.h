#pragma once

#include <optional>
#include <vector>

#include "rz/fallback/history/transition.h"
#include "rz/history/audit.h"
#include "rz/history/band.h"
#include "rz/history/causes.h"
#include "rz/history/decision_order.h"
#include "rz/history/episode_tracker.h"
#include "rz/history/error_budget.h"
#include "rz/history/flap_counter.h"
#include "rz/history/longest_stretches.h"
#include "rz/history/maintenance_cut.h"
#include "rz/history/mode_timeline.h"
#include "rz/history/newest_records.h"
#include "rz/history/periods.h"

namespace rz::history {

/// Audits a history: takes its records in the order of the log, from read_from() to the end of the
/// window, and answers with what they tell.
class Auditor {
 public:
  /// Requires a window that is not empty, and in `question.periods` none or at least two times.
  explicit Auditor(AuditQuestion question);
  Auditor(const Auditor&) = delete;
  Auditor& operator=(const Auditor&) = delete;

  /// The mode that held before the first record, if that is known. Before any add().
  void know(const KnownMode& known);
  void add(const Transition& record) { order_.add(record); }
  /// Once, at the end.
  Audit finish();

 private:
  /// The stretch that goes on.
  struct Running {
    TimePoint begin{};
    TimeKind kind = TimeKind::unknown;
    std::optional<Transition> entered{};
  };
  /// Whether and how a record counts.
  struct Place {
    bool in_window = false;
    bool planned = false;  ///< In maintenance.
    bool counts() const { return in_window && !planned; }
  };

  void take(const Transition& record);
  /// `lost`: whether it is a gap.
  void pass(const Segment& segment, bool lost = false);
  void pass_part(const Segment& part);
  void end_stretch(TimePoint end);
  void recall(const std::vector<Transition>& records, bool planned);
  void move_on(const Transition& record, const Step& step);
  void count_record(const Transition& record, const Step& step, const Place& place);
  void count_transition(const Transition& record, const Step& step, const Place& place);
  void count_causes(const Transition& record, const Step& step, const Place& place);

  AuditQuestion question_;
  Audit audit_;
  ModeTimeline timeline_;
  DecisionOrder order_;
  MaintenanceCut maintenance_;
  FlapCounter flap_counter_;
  EpisodeTracker episodes_;
  CauseTable causes_;
  Band band_;
  Running running_;
  std::optional<TimePoint> known_from_{};  ///< The first time of which the mode is known.
  NewestRecords transitions_, flaps_;
  IntervalTime window_;
  std::vector<IntervalTime> recent_;
  Periods timeline_parts_;
  std::optional<Periods> periods_;
  std::optional<BudgetTracker> budget_;
  LongestStretches primary_, degraded_, safe_;
};

/// The audit of records that are in memory.
Audit audit_records(const AuditQuestion& question, const std::optional<KnownMode>& known,
                    const std::vector<Transition>& records);

}  // namespace rz::history
