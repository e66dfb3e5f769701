#include "rz/fallback/offline/store_memory.h"

#include <algorithm>
#include <tuple>

#include "rz/base/random_token.h"

namespace rz::fallback {
namespace {

// How far the memory of `state` goes back into `lineage`; -1: not at all.
std::int64_t known_version(const ModeState& state, const std::string& lineage) {
  if (state.lineage == lineage) return state.version;
  for (const Ancestor& each : state.ancestors) {
    if (each.lineage == lineage) return each.version;
  }
  return -1;
}

void add_ancestor(ModeState& next, const Ancestor& ancestor) {
  if (ancestor.lineage.empty() || ancestor.lineage == next.lineage) return;
  for (Ancestor& each : next.ancestors) {
    if (each.lineage != ancestor.lineage) continue;
    each.version = std::max(each.version, ancestor.version);
    return;
  }
  next.ancestors.push_back(ancestor);
}

// A store in which nobody has decided anything has nothing to lose. One in which a pin was set and
// released has: an older copy would hold the pin.
bool is_blank(const ModeState& state) {
  return state.lineage.empty() && state.epoch == 0 && !state.pin && state.mode == Mode::primary;
}

// Whether `state` was written by somebody who knew of the order of `pin`.
bool knows_of(const ModeState& state, const Pin& pin) {
  // Set by something that knows no lineages.
  if (pin.lineage.empty()) return pin.set_at != TimePoint{} && pin.set_at <= state.recorded_at;
  return known_version(state, pin.lineage) >= pin.version;
}

// Versions alone would not tell: a store that was set back gives them a second time. They count for
// orders that are older than all for which there was room.
bool knows_of(const ModeState& state, const Order& order) {
  if (state.has_order(order.token)) return true;
  if (state.orders.size() < kOrdersMax) return false;
  return known_version(state, order.lineage) >= order.version &&
         std::all_of(state.orders.begin(), state.orders.end(),
                     [&](const Order& each) { return each.version > order.version; });
}

// Whether an order that `known` does not know of holds in `there`. A release is one where it left
// a worse mode than the known one: it takes no safer pin of others away.
bool is_ordered_since(const ModeState& there, const ModeState& known, TimePoint now) {
  const bool pinned = there.pinned(now);
  // Written by something that notes no orders, or there were none.
  if (there.orders.empty()) return pinned && !knows_of(known, *there.pin);
  const Order& last = there.orders.back();
  if (knows_of(known, last)) return false;
  return pinned || (last.release && there.mode > known.mode);
}

// Somebody may have written to an older copy without knowing what came after it, and versions
// cannot tell that. Then the safer order holds.
bool is_safer_since(const ModeState& there, const ModeState& known, TimePoint now) {
  if (!there.pinned(now) || there.mode <= known.mode || there.pin->lineage.empty()) return false;
  if (!there.orders.empty() && known.has_order(there.orders.back().token)) return false;
  return there.pin->set_at > known.recorded_at;
}

// Whether `there` is an older copy that lacks the last order of `known`. Orders that were not noted
// show where a pin is gone.
bool lacks_order(const ModeState& there, const ModeState& known) {
  if (there.lineage.empty() || known_version(known, there.lineage) < there.version) return false;
  if (known.orders.empty()) return there.pin && !known.pin;
  return !knows_of(there, known.orders.back());
}

// Whether the mode of `known` is one that was ordered: nobody has evaluated another one since.
bool is_ordered_mode(const ModeState& known) { return known.has_order(known.decision); }

// Whether `there` does not follow from the decision that holds in `known`, although versions say
// so: a store that was set back and written to again gives them a second time.
bool lacks_decision(const ModeState& there, const ModeState& known) {
  const auto is_held = [&](const Decided& each) { return each.token == known.decision; };
  const auto held = std::find_if(known.decisions.begin(), known.decisions.end(), is_held);
  // Written by something that notes no decisions.
  if (held == known.decisions.end() || there.decisions.empty()) return false;
  if (std::any_of(there.decisions.begin(), there.decisions.end(), is_held)) return false;
  return there.decisions.size() < kDecisionsMax || there.decisions.front().version < held->version;
}

// What both knew of, those of `last` last.
std::vector<Order> joined_orders(const ModeState& first, const ModeState& last) {
  std::vector<Order> all;
  for (const Order& each : first.orders) {
    if (!last.has_order(each.token)) add_order(all, each);
  }
  for (const Order& each : last.orders) add_order(all, each);
  return all;
}

// Of two copies of one call: the later claim, under which it may be running now, and every run that
// has failed since a person last asked for it. A run that failed is later than the claim that it
// had.
OwedCallback joined(const OwedCallback& one, const OwedCallback& other) {
  const auto age = [](const OwedCallback& call) { return std::tie(call.claimed_at, call.failed); };
  OwedCallback all = age(one) < age(other) ? other : one;
  const OwedCallback& asked = one.asked_at < other.asked_at ? other : one;
  const bool same = one.asked_at == other.asked_at;
  all.asked_at = asked.asked_at;
  all.failed = same ? std::max(one.failed, other.failed) : asked.failed;
  all.not_before = same ? std::max(one.not_before, other.not_before) : asked.not_before;
  return all;
}

// All of both, in the order in which they ended.
std::vector<EndedCallback> joined(const std::vector<EndedCallback>& one,
                                  const std::vector<EndedCallback>& other) {
  std::vector<EndedCallback> all = one;
  for (const EndedCallback& each : other) note_ended(all, each);
  std::stable_sort(all.begin(), all.end(),
                   [](const EndedCallback& a, const EndedCallback& b) { return a.at < b.at; });
  return all;
}

std::string summary(const ModeState& state) {
  return std::string(to_string(state.mode)) + (state.pin ? ", pinned," : "") + " at epoch " +
         std::to_string(state.epoch);
}

bool knows_less(const ModeState& there, const ModeState& known) {
  if (is_blank(known)) return false;
  // Written by something that knows no lineages.
  if (known.lineage.empty()) return there.epoch < known.epoch;
  if (there.lineage.empty() && !is_blank(there)) return there.epoch < known.epoch;
  return known_version(there, known.lineage) < known.version || lacks_decision(there, known);
}

// Whether a person has begun the store anew, and `known` is of before. Who began it may not have
// known all that others had seen: the store was empty, and another user has another state folder.
bool is_begun_anew_since(const ModeState& there, const ModeState& known) {
  return there.begun_anew && known_version(known, there.begun_anew->lineage) < 0;
}

}  // namespace

bool has_lost(const ModeState& there, const ModeState& known) {
  return knows_less(there, known) && !is_begun_anew_since(there, known);
}

std::string describe_beginning(const ModeState& there, const ModeState& known) {
  if (!knows_less(there, known) || !is_begun_anew_since(there, known)) return {};
  return "the store was begun anew by " + there.begun_anew->by +
         " with 'rz cascade forget'; this host had seen it say " + summary(known) +
         ", which no longer counts";
}

void take_place_of(ModeState& next, const ModeState& other) {
  for (const Decided& each : other.decisions) add_decision(next.decisions, each);
  for (const Ancestor& each : other.ancestors) add_ancestor(next, each);
  add_ancestor(next, {other.lineage, other.version});
  if (next.ancestors.size() > kAncestorsMax) {
    next.ancestors.erase(next.ancestors.begin(),
                         next.ancestors.end() - static_cast<std::ptrdiff_t>(kAncestorsMax));
  }
}

ModeState restored(const ModeState& there, const ModeState& known, TimePoint now) {
  const bool overruled = is_ordered_since(there, known, now) || is_safer_since(there, known, now);
  // An order outranks what was evaluated, and a later order an earlier one.
  const bool take_known = !overruled && (known.pinned(now) || known.mode > there.mode ||
                                         (lacks_order(there, known) && is_ordered_mode(known)) ||
                                         (known.mode == there.mode && known.epoch >= there.epoch));
  ModeState next = take_known ? known : there;
  const ModeState& other = take_known ? there : known;
  // A pin that was released stays released, even if the mode that it left is the worse one.
  if (!take_known && !overruled) next.pin = known.pin;
  next.orders = overruled ? joined_orders(known, there) : joined_orders(there, known);
  next.lineage = random_token();
  // Where the store lost something, the one who knows more also knows of the later beginning.
  next.begun_anew = known.begun_anew ? known.begun_anew : there.begun_anew;
  next.ancestors.clear();
  take_place_of(next, there);
  take_place_of(next, known);
  next.epoch = std::max(there.epoch, known.epoch);
  next.version = std::max(there.version, known.version);
  next.since = std::max(there.since, known.since);
  next.recorded_at = std::max(there.recorded_at, known.recorded_at);
  next.good_evaluations = 0;
  next.dwell_from.reset();
  next.pin_from.reset();
  for (std::size_t mode = 0; mode < next.entered.size(); ++mode) {
    next.entered[mode] = std::max(there.entered[mode], known.entered[mode]);
  }
  next.failed_calls = std::max(there.failed_calls, known.failed_calls);
  for (const OwedCallback& owed : other.owed) {
    OwedCallback* const same = find_call(next.owed, owed.transition.writer);
    if (same == nullptr) {
      next.owed.push_back(owed);
    } else {
      *same = joined(*same, owed);
    }
  }
  // What has ended in either of the two is owed in neither; but nobody gives up or drops what runs.
  next.ended = joined(known.ended, there.ended);
  std::erase_if(next.owed, [&](const OwedCallback& owed) {
    const EndedCallback* const end = find_ended(next.ended, owed.transition.writer);
    if (end == nullptr || !end->ends(owed)) return false;
    const bool runs = owed.is_claimed(now) && owed.claimed_at > end->at;
    return end->how == EndedCallback::How::ran || !runs;
  });
  std::erase_if(next.ended, [&](const EndedCallback& each) {
    return find_call(next.owed, each.transition.writer) != nullptr;
  });
  cut_ended(next.ended);
  return next;
}

std::string describe_overruled(const ModeState& there, const ModeState& known, TimePoint now) {
  if (!is_ordered_since(there, known, now) && !is_safer_since(there, known, now)) return {};
  const std::string order = there.pinned(now) ? "the pin of " + describe(*there.pin)
                                              : std::string("the release of a pin");
  return "an order that was given there since holds, " + order +
         (known.pinned(now) ? ", and the pin of " + describe(*known.pin) + " does not"
                            : ", and what was known does not");
}

std::string describe_loss(const ModeState& there, const ModeState& known, KnownFrom from) {
  const bool is_host = from == KnownFrom::host;
  std::string text = "the store has lost its memory: ";
  // Mode and epoch alike: what is missing shows in neither.
  if (summary(there) == summary(known)) {
    return text + "it says " + summary(there) + ", but lacks an order or a decision " +
           (is_host ? "that this host has seen there" : "that is in its history");
  }
  text += is_blank(there) ? std::string("it is empty") : "it says " + summary(there);
  return text + (is_host ? ", but this host has seen it say " : ", but its history ends with ") +
         summary(known);
}

}  // namespace rz::fallback
