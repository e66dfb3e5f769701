#include "rz/fallback/callbacks/owed_callback.h"

#include <algorithm>
#include <utility>

#include "rz/base/json_members.h"
#include "rz/base/timestamp.h"
#include "rz/fallback/callbacks/command_callback.h"
#include "rz/fallback/identity.h"

namespace rz::fallback {
namespace {

constexpr Millis kBackoffMin{std::chrono::seconds{10}};
constexpr Millis kBackoffMax{std::chrono::minutes{5}};
/// What a run needs besides its timeout: the end of its process group and the commit after it.
constexpr Millis kLeaseSlack{std::chrono::seconds{10}};

Value to_stored(const CallbackResult& result) {
  Value value = Value::object({{"at", format_timestamp(result.at)}, {"host", result.host}});
  if (result.exit_code) value.set("exit_code", *result.exit_code);
  if (!result.output.empty()) value.set("output", result.output);
  return value;
}

// It is for people alone, and never a reason not to make a call.
std::optional<CallbackResult> result_from(const Value* value) {
  if (value == nullptr) return std::nullopt;
  const auto at = time_or(*value, "at");
  if (!at) return std::nullopt;
  CallbackResult result{*at, text_or(*value, "host"), {}, text_or(*value, "output")};
  if (value->find("exit_code") != nullptr) {
    result.exit_code = static_cast<int>(integer_or(*value, "exit_code"));
  }
  return result;
}

}  // namespace

bool OwedCallback::is_claimed(TimePoint now) const {
  return !claim.empty() && now < claimed_at + lease;
}

bool OwedCallback::needs_renewal(TimePoint now) const { return now - claimed_at > kLeaseSlack / 2; }

bool OwedCallback::waits(TimePoint now) const {
  return now < not_before && not_before - now <= kBackoffMax;
}

bool OwedCallback::is_given_up(const CallbackLimits& limits, TimePoint now) const {
  return failed >= limits.attempts ||
         now - asked_at.value_or(transition.timestamp) > limits.max_age;
}

void OwedCallback::claim_for(const std::string& token, const CallbackLimits& limits, TimePoint now,
                             std::string own_folder) {
  claim = token;
  process = process_name();
  folder = std::move(own_folder);
  claimed_at = now;
  lease = limits.timeout + kLeaseSlack;
}

bool OwedCallback::is_abandoned(const std::string& own_folder) const {
  return !claim.empty() && !folder.empty() && folder == own_folder && has_ended(process);
}

void OwedCallback::give_back() {
  claim.clear();
  process.clear();
  folder.clear();
}

void OwedCallback::ask_again(TimePoint now) {
  failed = 0;
  not_before = {};
  asked_at = asked_at ? std::max(now, *asked_at + Micros{1}) : now;
}

void OwedCallback::count_failure(CallbackResult result) {
  const TimePoint now = result.at;
  give_back();
  last_failure = std::move(result);
  ++failed;
  const Millis backoff = kBackoffMin * (1 << std::min(failed - 1, 6));
  not_before = now + std::min(backoff, kBackoffMax);
}

const OwedCallback* find_call(const std::vector<OwedCallback>& owed, const std::string& token) {
  const auto call = std::find_if(owed.begin(), owed.end(), [&](const OwedCallback& each) {
    return each.transition.writer == token;
  });
  return call == owed.end() ? nullptr : &*call;
}

OwedCallback* find_call(std::vector<OwedCallback>& owed, const std::string& token) {
  return const_cast<OwedCallback*>(find_call(std::as_const(owed), token));
}

OwedCallback* find_claimed(std::vector<OwedCallback>& owed, const std::string& claim) {
  if (claim.empty()) return nullptr;
  const auto call = std::find_if(owed.begin(), owed.end(),
                                 [&](const OwedCallback& each) { return each.claim == claim; });
  return call == owed.end() ? nullptr : &*call;
}

void remove_call(std::vector<OwedCallback>& owed, const std::string& token) {
  std::erase_if(owed, [&](const OwedCallback& each) { return each.transition.writer == token; });
}

OwedCallback owe(const Transition& transition, const CallbackLimits& limits, TimePoint now,
                 std::string own_folder) {
  OwedCallback owed;
  owed.transition = transition;
  owed.transition.reason = cut_for_program(transition.reason);
  owed.transition.detail = cut_for_program(transition.detail);
  owed.claim_for(transition.writer, limits, now, std::move(own_folder));
  return owed;
}

Value to_stored(const OwedCallback& owed) {
  Value value = Value::object({{"transition", to_stored(owed.transition)}});
  if (!owed.claim.empty()) {
    value.set("claim", owed.claim);
    value.set("process", owed.process);
    if (!owed.folder.empty()) value.set("folder", owed.folder);
    value.set("claimed_at", format_timestamp(owed.claimed_at));
    value.set("lease_ms", static_cast<std::int64_t>(owed.lease.count()));
  }
  if (owed.failed > 0) {
    value.set("attempts", owed.failed);
    value.set("not_before", format_timestamp(owed.not_before));
  }
  if (owed.last_failure) value.set("last_failure", to_stored(*owed.last_failure));
  if (owed.asked_at) value.set("asked_at", format_timestamp(*owed.asked_at));
  return value;
}

Result<OwedCallback> owed_callback_from(const Value& value) {
  const Value* member = value.find("transition");
  if (member == nullptr) return fail(ErrorCode::corrupt, "'owed': the transition is missing");
  auto transition = transition_from(*member);
  if (!transition) return fail(std::move(transition).error());
  OwedCallback owed;
  owed.transition = std::move(*transition);
  owed.claim = text_or(value, "claim");
  owed.process = text_or(value, "process");
  owed.folder = text_or(value, "folder");
  const auto claimed_at = time_or(value, "claimed_at");
  const auto not_before = time_or(value, "not_before");
  if (!claimed_at || !not_before) return fail(ErrorCode::corrupt, "'owed': a time cannot be read");
  owed.claimed_at = *claimed_at;
  owed.not_before = *not_before;
  // A stored lease of any length must not hold the call for ever.
  constexpr std::int64_t kLeaseMaxMs = 24 * 3600 * 1000;
  owed.lease = Millis{std::clamp<std::int64_t>(integer_or(value, "lease_ms"), 0, kLeaseMaxMs)};
  owed.failed =
      static_cast<int>(std::clamp<std::int64_t>(integer_or(value, "attempts"), 0, 1'000'000));
  owed.last_failure = result_from(value.find("last_failure"));
  if (value.find("asked_at") != nullptr) {
    const auto asked_at = time_or(value, "asked_at");
    if (!asked_at) return fail(ErrorCode::corrupt, "'owed': a time cannot be read");
    owed.asked_at = *asked_at;
  }
  return owed;
}

EndedCallback ended(const OwedCallback& owed, EndedCallback::How how, TimePoint at,
                    std::optional<CallbackResult> result) {
  constexpr std::size_t kReasonBytesMax = 200;
  constexpr std::size_t kTextBytesMax = 1024;
  EndedCallback call{
      owed.transition, how,           std::max(at, owed.asked_at.value_or(at)),
      owed.failed,     owed.asked_at, result ? std::move(result) : owed.last_failure};
  if (how == EndedCallback::How::ran) {
    call.transition.reason = cut_text(call.transition.reason, kReasonBytesMax);
    call.transition.detail.clear();
    return call;
  }
  call.transition.reason = cut_text(call.transition.reason, kTextBytesMax);
  call.transition.detail = cut_text(call.transition.detail, kTextBytesMax);
  return call;
}

void note_ended(std::vector<EndedCallback>& calls, EndedCallback call) {
  const auto same = std::find_if(calls.begin(), calls.end(), [&](const EndedCallback& each) {
    return each.transition.writer == call.transition.writer;
  });
  if (same != calls.end()) {
    const bool has_run = same->how == EndedCallback::How::ran;
    const bool runs = call.how == EndedCallback::How::ran;
    if (has_run != runs ? has_run : same->at > call.at) return;
    calls.erase(same);
  }
  calls.push_back(std::move(call));
}

void cut_ended(std::vector<EndedCallback>& calls) {
  if (calls.size() <= kEndedCallbacksMax) return;
  calls.erase(calls.begin(), calls.end() - static_cast<std::ptrdiff_t>(kEndedCallbacksMax));
}

void add_ended(std::vector<EndedCallback>& calls, EndedCallback call) {
  note_ended(calls, std::move(call));
  cut_ended(calls);
}

bool EndedCallback::ends(const OwedCallback& owed) const {
  if (owed.transition.writer != transition.writer) return false;
  switch (how) {
    case How::ran: return true;
    case How::given_up: return owed.asked_at <= asked_at;
    case How::dropped: return owed.asked_at <= at;
  }
  return false;
}

const EndedCallback* find_ended(const std::vector<EndedCallback>& calls, const std::string& token) {
  const auto call = std::find_if(calls.begin(), calls.end(), [&](const EndedCallback& each) {
    return each.transition.writer == token;
  });
  return call == calls.end() ? nullptr : &*call;
}

const char* to_string(EndedCallback::How how) {
  switch (how) {
    case EndedCallback::How::ran: return "ran";
    case EndedCallback::How::given_up: return "given up";
    case EndedCallback::How::dropped: return "dropped";
  }
  return "";
}

Value to_stored(const EndedCallback& call) {
  Value value = Value::object({{"transition", to_stored(call.transition)},
                               {"how", to_string(call.how)},
                               {"at", format_timestamp(call.at)}});
  if (call.failed > 0) value.set("failed", call.failed);
  if (call.asked_at) value.set("asked_at", format_timestamp(*call.asked_at));
  if (call.result) value.set("result", to_stored(*call.result));
  return value;
}

std::optional<EndedCallback> ended_callback_from(const Value& value) {
  const Value* member = value.find("transition");
  if (member == nullptr) return std::nullopt;
  auto transition = transition_from(*member);
  const auto at = time_or(value, "at");
  if (!transition || !at) return std::nullopt;
  EndedCallback call{std::move(*transition), EndedCallback::How::ran, *at};
  const std::string how = text_or(value, "how");
  for (const auto each : {EndedCallback::How::given_up, EndedCallback::How::dropped}) {
    if (how == to_string(each)) call.how = each;
  }
  call.failed =
      static_cast<int>(std::clamp<std::int64_t>(integer_or(value, "failed"), 0, 1'000'000));
  if (value.find("asked_at") != nullptr) {
    const auto asked_at = time_or(value, "asked_at");
    if (!asked_at) return std::nullopt;
    call.asked_at = *asked_at;
  }
  call.result = result_from(value.find("result"));
  return call;
}

}  // namespace rz::fallback
