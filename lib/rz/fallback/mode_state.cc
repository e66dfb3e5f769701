#include "rz/fallback/mode_state.h"

#include <algorithm>

#include <utility>

#include "rz/base/json.h"
#include "rz/base/json_members.h"
#include "rz/base/random_token.h"
#include "rz/base/timestamp.h"

namespace rz::fallback {
namespace {

tl::unexpected<Error> corrupt(const std::string& what) {
  return fail(
      ErrorCode::corrupt,
      "the stored mode cannot be read: " + what +
          "; look at the key, then remove what it says and start anew with 'rz cascade forget'",
      std::string(kModeStateKey));
}

// What a report shows of a pin, and what tells whether it is still known where it was set.
Value to_stored(const Pin& pin) {
  Value value = to_value(pin);
  if (pin.set_at != TimePoint{}) value.set("set_at", format_timestamp(pin.set_at));
  if (!pin.lineage.empty()) {
    value.set("lineage", pin.lineage);
    value.set("version", pin.version);
  }
  return value;
}

Result<void> decode_ancestors(const Value& state, std::vector<Ancestor>& ancestors) {
  const Value* value = state.find("ancestors");
  if (value == nullptr) return {};
  if (value->as_object() == nullptr) return corrupt("'ancestors' is not an object");
  for (const auto& [lineage, version] : *value->as_object()) {
    if (version.as_int() == nullptr) return corrupt("'ancestors' holds what is not a count");
    ancestors.push_back({lineage, *version.as_int()});
  }
  return {};
}

// One that is not read would look as if the store had lost it.
Result<void> decode_decisions(const Value& state, std::vector<Decided>& decisions) {
  const Value* value = state.find("decisions");
  if (value == nullptr) return {};
  if (value->as_object() == nullptr) return corrupt("'decisions' is not an object");
  for (const auto& [token, version] : *value->as_object()) {
    if (version.as_int() == nullptr) return corrupt("'decisions' holds what is not a count");
    decisions.push_back({token, *version.as_int()});
  }
  return {};
}

// An order that is not read would be undone where the store loses its memory.
Result<void> decode_orders(const Value& state, std::vector<Order>& orders) {
  const Value* value = state.find("orders");
  if (value == nullptr) return {};
  if (value->as_array() == nullptr) return corrupt("'orders' is not an array");
  for (const Value& each : *value->as_array()) {
    Order order{text_or(each, "token"), text_or(each, "lineage"), integer_or(each, "version"),
                boolean_or(each, "release", false)};
    if (order.token.empty()) return corrupt("'orders' holds one without a token");
    orders.push_back(std::move(order));
  }
  return {};
}

Value to_stored(const Order& order) {
  Value value = Value::object(
      {{"token", order.token}, {"lineage", order.lineage}, {"version", order.version}});
  if (order.release) value.set("release", true);
  return value;
}

Result<void> decode_beginning(const Value& state, std::optional<Beginning>& begun_anew) {
  const Value* value = state.find("begun_anew");
  if (value == nullptr) return {};
  Beginning beginning{text_or(*value, "lineage"), text_or(*value, "by")};
  if (beginning.lineage.empty()) return corrupt("'begun_anew' has no lineage");
  begun_anew = std::move(beginning);
  return {};
}

// Calls that are owed and cannot be read would be forgotten in silence.
Result<void> decode_owed(const Value& state, std::vector<OwedCallback>& owed) {
  const Value* value = state.find("owed");
  if (value == nullptr) return {};
  if (value->as_array() == nullptr) return corrupt("'owed' is not an array");
  for (const Value& each : *value->as_array()) {
    auto one = owed_callback_from(each);
    if (!one) return corrupt(one.error().message);
    owed.push_back(std::move(*one));
  }
  return {};
}

// They are for people alone.
void decode_ended(const Value& state, std::vector<EndedCallback>& ended) {
  const Value* value = state.find("ended");
  if (value == nullptr || value->as_array() == nullptr) return;
  for (const Value& each : *value->as_array()) {
    if (auto call = ended_callback_from(each)) add_ended(ended, std::move(*call));
  }
}

void decode_entered(const Value& state, std::array<std::int64_t, 3>& entered) {
  const Value* value = state.find("entered");
  if (value == nullptr) return;
  for (std::size_t mode = 0; mode < entered.size(); ++mode) {
    entered[mode] = integer_or(*value, to_string(static_cast<Mode>(mode)));
  }
}

Result<void> decode_comebacks(const Value& state, std::array<Comebacks, 3>& comebacks) {
  const Value* value = state.find("comebacks");
  if (value == nullptr) return {};
  for (std::size_t mode = 0; mode < comebacks.size(); ++mode) {
    const Value* member = value->find(to_string(static_cast<Mode>(mode)));
    if (member == nullptr) continue;
    const std::int64_t doublings = integer_or(*member, "doublings");
    comebacks[mode].doublings = static_cast<int>(std::clamp<std::int64_t>(doublings, 0, 62));
    if (member->find("left_at") == nullptr) continue;
    const auto left_at = time_or(*member, "left_at");
    if (!left_at) return corrupt("'comebacks': " + left_at.error().message);
    comebacks[mode].left_at = *left_at;
  }
  return {};
}

Value to_stored(const std::array<Comebacks, 3>& comebacks) {
  Value value = Value::object();
  for (std::size_t mode = 0; mode < comebacks.size(); ++mode) {
    if (comebacks[mode] == Comebacks{}) continue;
    Value member = Value::object({{"doublings", comebacks[mode].doublings}});
    if (comebacks[mode].left_at) member.set("left_at", format_timestamp(*comebacks[mode].left_at));
    value.set(to_string(static_cast<Mode>(mode)), std::move(member));
  }
  return value;
}

Result<std::optional<Pin>> decode_pin(const Value& state) {
  const Value* value = state.find("pin");
  if (value == nullptr || value->is_null()) return std::optional<Pin>{};
  // A pin that is read wrongly would hold for ever, or not at all.
  if (value->as_object() == nullptr) {
    return corrupt(std::string("expected 'pin' to be an object, but it is of type ") +
                   value->type_name());
  }
  Pin pin{std::nullopt, text_or(*value, "reason"), text_or(*value, "actor")};
  if (const Value* until = value->find("until"); until != nullptr && !until->is_null()) {
    const auto time = parse_timestamp(text_or(*value, "until"));
    if (!time) return corrupt("'pin.until': " + time.error().message);
    pin.until = *time;
  }
  const auto set_at = time_or(*value, "set_at");
  if (!set_at) return corrupt("'pin.set_at': " + set_at.error().message);
  pin.set_at = *set_at;
  pin.lineage = text_or(*value, "lineage");
  pin.version = integer_or(*value, "version");
  return std::optional<Pin>(std::move(pin));
}

}  // namespace

bool ModeState::has_order(std::string_view token) const {
  return std::any_of(orders.begin(), orders.end(),
                     [&](const Order& each) { return each.token == token; });
}

bool ModeState::pinned(TimePoint now) const {
  if (!pin) return false;
  if (!pin->until) return true;
  if (pin->set_at <= now) return now < *pin->until;
  const TimePoint from = std::min(pin_from.value_or(now), now);
  return now - from < *pin->until - pin->set_at;
}

void stamp(ModeState& state) { stamp(state, random_token()); }

void stamp(ModeState& state, std::string token) {
  state.writer = std::move(token);
  ++state.version;
}

void note_order(ModeState& state) {
  add_order(state.orders, {state.writer, state.lineage, state.version, !state.pin});
}

void end_call(ModeState& state, const OwedCallback& call, EndedCallback::How how, TimePoint now,
              std::optional<CallbackResult> result) {
  add_ended(state.ended, ended(call, how, now, std::move(result)));
  const std::string token = call.transition.writer;
  remove_call(state.owed, token);
}

void note_decision(ModeState& state) {
  state.decision = state.writer;
  add_decision(state.decisions, {state.writer, state.version});
}

void add_decision(std::vector<Decided>& decisions, Decided decision) {
  for (const Decided& each : decisions) {
    if (each.token == decision.token) return;
  }
  const auto place =
      std::upper_bound(decisions.begin(), decisions.end(), decision,
                       [](const Decided& a, const Decided& b) { return a.version < b.version; });
  decisions.insert(place, std::move(decision));
  if (decisions.size() > kDecisionsMax) decisions.erase(decisions.begin());
}

void add_order(std::vector<Order>& orders, Order order) {
  if (orders.size() >= kOrdersMax) {
    orders.erase(std::min_element(orders.begin(), orders.end(), [](const Order& a, const Order& b) {
      return a.version < b.version;
    }));
  }
  orders.push_back(std::move(order));
}

// What is not there is not written, so that a state stays as short as what it has to say.
Value to_stored(const ModeState& state) {
  Value value = Value::object({{"mode", to_string(state.mode)},
                               {"epoch", state.epoch},
                               {"since", format_timestamp(state.since)},
                               {"reason", state.reason},
                               {"pin", state.pin ? to_stored(*state.pin) : Value()},
                               {"good_evaluations", state.good_evaluations},
                               {"writer", state.writer}});
  if (!state.decision.empty()) value.set("decision", state.decision);
  if (!state.decisions.empty()) {
    Value decisions = Value::object();
    for (const Decided& each : state.decisions) decisions.set(each.token, each.version);
    value.set("decisions", std::move(decisions));
  }
  if (!state.detail.empty()) value.set("detail", state.detail);
  if (state.version > 0) value.set("version", state.version);
  if (!state.lineage.empty()) value.set("lineage", state.lineage);
  if (!state.ancestors.empty()) {
    Value ancestors = Value::object();
    for (const Ancestor& each : state.ancestors) ancestors.set(each.lineage, each.version);
    value.set("ancestors", std::move(ancestors));
  }
  if (state.begun_anew) {
    value.set("begun_anew", Value::object({{"lineage", state.begun_anew->lineage},
                                           {"by", state.begun_anew->by}}));
  }
  if (!state.orders.empty()) {
    Value orders = Value::array();
    for (const Order& each : state.orders) orders.push_back(to_stored(each));
    value.set("orders", std::move(orders));
  }
  if (state.recorded_at != TimePoint{}) {
    value.set("recorded_at", format_timestamp(state.recorded_at));
  }
  if (state.dwell_from) value.set("dwell_from", format_timestamp(*state.dwell_from));
  if (state.pin_from) value.set("pin_from", format_timestamp(*state.pin_from));
  if (state.entered != ModeState{}.entered) {
    Value entered = Value::object();
    for (std::size_t mode = 0; mode < state.entered.size(); ++mode) {
      entered.set(to_string(static_cast<Mode>(mode)), state.entered[mode]);
    }
    value.set("entered", std::move(entered));
  }
  if (state.comebacks != ModeState{}.comebacks) {
    value.set("comebacks", to_stored(state.comebacks));
  }
  if (!state.owed.empty()) {
    Value owed = Value::array();
    for (const OwedCallback& each : state.owed) owed.push_back(to_stored(each));
    value.set("owed", std::move(owed));
  }
  if (!state.ended.empty()) {
    Value ended = Value::array();
    for (const EndedCallback& each : state.ended) ended.push_back(to_stored(each));
    value.set("ended", std::move(ended));
  }
  if (state.failed_calls > 0) value.set("failed_calls", state.failed_calls);
  return value;
}

std::string encode(const ModeState& state) { return to_json(to_stored(state)); }

Result<ModeState> decode_mode_state(std::string_view json) {
  const auto value = parse_json(json);
  if (!value) return corrupt(value.error().message);
  return mode_state_from(*value);
}

Result<ModeState> mode_state_from(const Value& value) {
  ModeState state;
  const auto mode = parse_mode(text_or(value, "mode"));
  if (!mode) return corrupt("'mode' is not a valid mode");
  state.mode = *mode;
  state.epoch = integer_or(value, "epoch", -1);
  if (state.epoch < 0) return corrupt("'epoch' is not a count");
  const auto since = parse_timestamp(text_or(value, "since"));
  if (!since) return corrupt("'since': " + since.error().message);
  state.since = *since;
  state.reason = text_or(value, "reason");
  auto pin = decode_pin(value);
  if (!pin) return fail(std::move(pin).error());
  state.pin = std::move(*pin);
  state.good_evaluations = integer_or(value, "good_evaluations");
  state.writer = text_or(value, "writer");
  state.decision = text_or(value, "decision");
  state.detail = text_or(value, "detail");
  state.version = integer_or(value, "version");
  state.lineage = text_or(value, "lineage");
  if (auto read = decode_ancestors(value, state.ancestors); !read) return fail(read.error());
  if (auto read = decode_decisions(value, state.decisions); !read) return fail(read.error());
  if (auto read = decode_beginning(value, state.begun_anew); !read) return fail(read.error());
  if (auto read = decode_orders(value, state.orders); !read) return fail(read.error());
  const auto recorded_at = time_or(value, "recorded_at");
  if (!recorded_at) return corrupt("'recorded_at': " + recorded_at.error().message);
  state.recorded_at = *recorded_at;
  for (const auto& [name, out] :
       {std::pair{"dwell_from", &state.dwell_from}, std::pair{"pin_from", &state.pin_from}}) {
    const Value* from = value.find(name);
    if (from == nullptr || from->is_null()) continue;
    const auto time = parse_timestamp(text_or(value, name));
    if (!time) return corrupt("'" + std::string(name) + "': " + time.error().message);
    *out = *time;
  }
  decode_entered(value, state.entered);
  if (auto read = decode_comebacks(value, state.comebacks); !read) return fail(read.error());
  if (auto read = decode_owed(value, state.owed); !read) return fail(read.error());
  decode_ended(value, state.ended);
  state.failed_calls = integer_or(value, "failed_calls");
  return state;
}

ModeView view_of(const ModeState& state, TimePoint now) {
  ModeView view{.mode = state.mode,
                .reason = state.reason,
                .detail = state.detail,
                .epoch = state.epoch,
                .callbacks_owed = state.owed.size()};
  if (state.epoch > 0) view.since = state.since;
  if (state.pinned(now)) view.pin = state.pin;
  return view;
}

}  // namespace rz::fallback
