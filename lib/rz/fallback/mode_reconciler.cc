#include "rz/fallback/mode_reconciler.h"

#include <utility>

#include "rz/base/duration.h"
#include "rz/base/timestamp.h"
#include "rz/fallback/offline/spool_drain.h"
#include "rz/fallback/offline/spooled_decision.h"
#include "rz/fallback/offline/store_memory.h"

namespace rz::fallback {
namespace {

// How long another process that has the spool is waited for. A person who gives an order wants it
// kept; an evaluation comes again soon.
constexpr Millis kOrderPatience{std::chrono::seconds{5}};
constexpr Millis kEvaluationPatience{std::chrono::milliseconds{500}};

// `overruled`: why that is not put back; empty: it is.
void report_loss(const std::string& sentence, const char* done, const std::string& overruled,
                 StoreStatus& status) {
  if (sentence.empty()) return;
  status.store_lost = sentence;
  status.doubts.push_back(sentence + "; " + (overruled.empty() ? done : overruled));
}

constexpr const char* kOthersDecided =
    "others have decided since this host decided alone: what waits here for the store will be in "
    "its history only";

constexpr const char* kPutBack =
    "that is put back (if the store was emptied on purpose: 'rz cascade forget')";

}  // namespace

ModeReconciler::ModeReconciler(Storage& storage, ModeReconcilerOptions options,
                               const RegisteredCallbacks& callbacks, Clock& clock)
    : store_(storage, options.retention),
      options_(std::move(options)),
      callbacks_(callbacks),
      clock_(clock) {}

Result<KnownMode> ModeReconciler::read(AskHistory ask) {
  StoreStatus status;
  HostTime seen = HostTime::of(clock_);
  auto there = reconcile(status, ask);
  if (!there) return read_offline(there.error(), std::move(status));
  const TimePoint now = time_to_show(there->state, seen, status);
  const bool kept = remember(there->state, seen, false, status);
  // A store in memory is empty at every start, and a warning of its own says so.
  const bool could_be_lost = !there->bytes && store_.storage().lasts();
  if (ask == AskHistory::yes && !kept && could_be_lost) {
    status.warnings.emplace_back(
        "the store knows no mode, and this host could not notice that it has lost one: it has no "
        "state folder that it can write to; set HOME or XDG_STATE_HOME");
  }
  return KnownMode{std::move(there->state), now, std::move(status)};
}

Result<KnownMode> ModeReconciler::peek() const {
  StoreStatus status;
  SpoolView view;
  if (options_.spool != nullptr) {
    auto there = options_.spool->peek();
    if (there) {
      view = std::move(*there);
    } else {
      status.add_doubt("what this host knew last cannot be used: " + to_string(there.error()));
    }
    status.add_doubt(view.damage.sentence());
  }
  auto there = store_.read();
  auto lost = there ? find_loss(store_, *there, view.known, AskHistory::yes)
                    : Result<std::optional<Loss>>(std::nullopt);
  if (there && lost && *lost) {
    // What was read ahead may be older than what this host has seen since: the store itself is
    // asked before anybody is told of a loss.
    there = store_.read();
    if (there) lost = find_loss(store_, *there, view.known, AskHistory::yes);
  }
  if (!there) return read_offline(there.error(), std::move(status));
  if (!lost) return read_offline(lost.error(), std::move(status));
  KnownMode known{there->state, clock_.now(), std::move(status)};
  if (*lost) {
    const TimePoint now = shared_time(clock_.now(), known.status);
    report_loss((*lost)->sentence, "the next evaluation puts it back",
                describe_overruled(there->state, (*lost)->known, now), known.status);
    known.state = restored(there->state, (*lost)->known, now);
  }
  if (view.known) known.status.add_doubt(describe_beginning(there->state, *view.known));
  if (view.entries.empty() || !view.state()) return known;
  known.status.spooled = view.transitions();
  known.status.orders = view.orders();
  if (will_hold(known.state, view.entries)) {
    known.state = *view.state();
  } else {
    known.status.add_doubt(lost_orders(view.entries));
    known.status.add_warnings({kOthersDecided});
  }
  return known;
}

Result<KnownMode> ModeReconciler::read_offline(const Error& outage, StoreStatus status) const {
  if (options_.spool == nullptr || !is_outage(outage)) return fail(outage);
  const auto view = options_.spool->peek();
  if (!view) {
    return fail(outage.code,
                outage.message + "; nor can the spool be read: " + to_string(view.error()),
                outage.where);
  }
  if (!view->state()) return mode_never_known(outage);
  describe_outage(outage, *view, status);
  const TimePoint now = offline_time(*view, status);
  return KnownMode{*view->state(), now, std::move(status)};
}

// What the store holds, once it has what waits here and what it has lost. Errors: those of the
// store; what is wrong with the spool alone does not keep anybody from the store.
Result<ModeStore::Snapshot> ModeReconciler::reconcile(StoreStatus& status, AskHistory ask,
                                                      HostNotes* notes) {
  const auto hook = [this](ModeState& next, Transition& record) {
    complete_restored(next, record);
  };
  if (options_.spool != nullptr && options_.spool->pending()) {
    auto report =
        drain_spool(*options_.spool, store_, ask, HostTime::of(clock_), hook, options_.votes);
    if (!report && is_outage(report.error())) return fail(std::move(report).error());
    if (report) {
      status.add_warnings(report->sentences());
      status.add_doubt(report->lost_decisions());
      status.add_doubt(report->lost_orders());
      status.add_doubt(report->begun_anew);
      report_loss(report->store_lost, kPutBack, report->overruled, status);
    } else {
      status.warnings.push_back("the decisions of an outage stay in the spool: " +
                                to_string(report.error()));
    }
  }
  // Read before the store is: otherwise a state that another process writes in between would look
  // like one that the store has lost.
  std::optional<ModeState> known;
  if (options_.spool != nullptr) {
    auto view = options_.spool->peek_known();
    if (view) {
      status.add_doubt(view->damage.sentence());
      known = std::move(view->known);
      if (notes != nullptr) *notes = std::move(view->notes);
    } else {
      // Without it nobody notices that the store has lost its memory.
      status.add_doubt("what this host knew last cannot be used: " + to_string(view.error()));
    }
  }
  auto restored = restore_if_lost(store_, known, ask, clock_.now(), status.warnings, hook);
  if (!restored) return fail(std::move(restored).error());
  report_loss(restored->store_lost, kPutBack, restored->overruled, status);
  status.add_doubt(restored->begun_anew);
  return std::move(restored->now);
}

// The record says which host put the state back, and a mode that is entered in this way owes its
// call as any other.
void ModeReconciler::complete_restored(ModeState& next, Transition& record) const {
  record.actor = options_.actor;
  record.host = options_.host;
  callbacks_.owe_call(next, record, clock_.now());
  // The claim is given up, because this process may be one that only reads: the first one that
  // makes calls makes it.
  if (!next.owed.empty() && next.owed.back().transition.writer == record.writer) {
    next.owed.back().give_back();
  }
}

TimePoint ModeReconciler::shared_time(TimePoint now, StoreStatus& status) const {
  SharedTime shared = store_.shared_time(now);
  if (!shared.warning.empty()) status.add_warnings({std::move(shared.warning)});
  return shared.now;
}

// A pin that has run out by this host's clock may still hold, if that clock is ahead.
// `here`, the present, learns how far that is.
TimePoint ModeReconciler::time_to_show(const ModeState& state, HostTime& here,
                                       StoreStatus& status) const {
  const TimePoint now = clock_.now();
  const bool over = state.pin && !state.pinned(now);
  if (!over || status.outage) return now;
  const TimePoint shared = shared_time(now, status);
  here.ahead = now - shared;
  return shared;
}

TimePoint ModeReconciler::offline_time(const SpoolView& view, StoreStatus& status) const {
  const HostTime here = HostTime::of(clock_);
  const auto passed = view.seen ? time_since(view.seen->uptime, here.uptime) : std::nullopt;
  if (!passed) return here.now;
  const TimePoint shared = view.seen->now - view.seen->ahead + *passed;
  if (here.now - shared <= kStoreClockTolerance) return here.now;
  status.add_warnings({"the clock of this host is " + humanize_duration(here.now - shared) +
                       " ahead of what it was when the store was seen last; that time counts"});
  return shared;
}

void ModeReconciler::describe_outage(const Error& outage, const SpoolView& view,
                                     StoreStatus& status) const {
  status.outage = outage;
  if (view.seen) status.store_seen = view.seen->now;
  status.spooled = view.transitions();
  status.orders = view.orders();
  status.add_doubt(view.damage.sentence());
  if (view.outdated) {
    status.doubts.push_back(
        "what this host knew last is out of date: what it saw in the store since could not be "
        "kept");
  }
  // A full disk still lets the file be marked as outdated; where nothing can be written, that is
  // found out here.
  if (options_.spool != nullptr) {
    if (const auto writable = options_.spool->check_writable(); !writable) {
      status.doubts.push_back(
          "what this host knew last may be out of date, for it cannot keep what "
          "it sees in the store: " +
          to_string(writable.error()));
    }
  }
  if (view.known && !will_hold(*view.known, view.entries)) {
    status.doubts.emplace_back(kOthersDecided);
  }
  const TimePoint now = clock_.now();
  if (!view.seen) {
    status.doubts.push_back("this host has never seen the store");
  } else if (view.seen->now > now) {
    status.doubts.push_back("this host saw the store last at " + format_timestamp(view.seen->now) +
                            ", which is ahead of its clock: how long ago that was is unknown");
  } else if (now - view.seen->now > options_.max_age_offline) {
    status.doubts.push_back("what this host knew last is " +
                            humanize_duration(now - view.seen->now) +
                            " old, more than fallback.max_age_offline (" +
                            format_duration(options_.max_age_offline) + ")");
  }
}

// In a read-only container nothing can be kept: then only the store knows the mode.
bool ModeReconciler::remember(const ModeState& state, const HostTime& seen, bool ordered,
                              StoreStatus& status, const std::optional<HostNotes>& notes) {
  if (options_.spool == nullptr) {
    if (!ordered) return false;
    status.warnings.emplace_back(
        "this host cannot keep the mode for an outage of the store, nor notice that the store has "
        "lost it: it has no state folder; set HOME or XDG_STATE_HOME");
    return false;
  }
  auto kept =
      options_.spool->remember(state, seen, ordered ? kOrderPatience : kEvaluationPatience, notes);
  if (kept) return true;
  (ordered ? status.warnings : status.notes)
      .push_back("this host cannot keep the mode for an outage of the store: " +
                 to_string(kept.error()));
  return false;
}

tl::unexpected<Error> mode_never_known(const Error& outage) {
  return fail(outage.code, outage.message + "; and this host has never known the mode",
              outage.where);
}

}  // namespace rz::fallback
