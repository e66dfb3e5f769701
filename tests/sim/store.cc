#include "sim/store.h"

#include <algorithm>

#include "rz/fallback/history/transition.h"
#include "rz/fallback/mode_state.h"

namespace rz::sim {
namespace {

constexpr Micros kTimeout{std::chrono::seconds{2}};

// Where a state is written, what is written.
const std::string* state_in(const Batch& batch) {
  for (const Batch::Write& write : batch.writes) {
    const auto* set = std::get_if<Batch::Set>(&write);
    if (set != nullptr && set->key == fallback::kModeStateKey) return &set->value;
  }
  return nullptr;
}

}  // namespace

Copy Server::copy() {
  Copy copy;
  copy.records = *storage_.read_log(kTransitionLog, {.limit = 100'000});
  const auto keys = *scan_all_keys(storage_, "*");
  for (const std::string& key : keys) copy.keys[key] = **storage_.get(key);
  for (const LogRecord& each : copy.records) copy.keys.erase(log_key(kTransitionLog, each.time));
  return copy;
}

void Server::set_back(const Copy& copy) {
  const auto keys = *scan_all_keys(storage_, "*");
  for (const std::string& key : keys) (void)storage_.remove(key);
  Batch batch;
  for (const auto& [key, value] : copy.keys) batch.set(key, value);
  for (const LogRecord& each : copy.records) {
    batch.append(std::string(kTransitionLog), each.time, each.value);
  }
  (void)storage_.commit(batch);
}

tl::unexpected<Error> Connection::give_up(const char* fault, const char* what, Micros after) {
  ++failures;
  ++injected_[fault];
  scheduler_.note(std::string(what) + ": " + fault);
  scheduler_.wait(after);
  return fail(after < kTimeout ? ErrorCode::unavailable : ErrorCode::timeout, "no answer",
              "simulated store");
}

template <class Call>
auto Connection::perform(const char* what, Call call) -> decltype(call()) {
  ++calls;
  Random& random = scheduler_.random;
  scheduler_.wait(Micros{random.between(50, 500)});
  if (faults_.down || cut_off_) return give_up("store away", what, Micros{1000});
  if (random.percent(faults_.request_lost)) return give_up("request lost", what, kTimeout);
  if (random.percent(faults_.slow)) {
    ++injected_["slow answer"];
    scheduler_.wait(Micros{random.between(100'000, 8'000'000)});
  }
  server_.free_at = std::max(server_.free_at, scheduler_.now()) + server_.service;
  if (server_.free_at > scheduler_.now()) scheduler_.wait(server_.free_at - scheduler_.now());
  if (random.percent(faults_.answer_lost)) {
    (void)call();
    return give_up("answer lost", what, kTimeout);
  }
  auto answer = call();
  scheduler_.wait(Micros{random.between(50, 500)});
  return answer;
}

Result<std::optional<std::string>> Connection::get(std::string_view key) {
  auto answer = perform("get", [&] { return target().get(key); });
  const bool state = key == fallback::kModeStateKey;
  if (state && answer) last_state = answer->value_or(std::string());
  return answer;
}

Result<std::vector<std::optional<std::string>>> Connection::get_many(
    std::span<const std::string> keys) {
  return perform("get_many", [&] { return target().get_many(keys); });
}

Result<bool> Connection::remove(std::string_view key) {
  return perform("remove", [&] { return target().remove(key); });
}

Result<bool> Connection::exists(std::string_view key) {
  return perform("exists", [&] { return target().exists(key); });
}

Result<ScanPage> Connection::scan_keys(std::string_view glob, std::string_view cursor) {
  return perform("scan", [&] { return target().scan_keys(glob, cursor); });
}

Result<std::vector<LogRecord>> Connection::read_log(std::string_view log, const LogRange& range) {
  return perform("read_log", [&] { return target().read_log(log, range); });
}

Result<std::optional<TimePoint>> Connection::server_time() {
  return perform("time", [&]() -> Result<std::optional<TimePoint>> { return scheduler_.now(); });
}

Result<Commit> Connection::reach(const Batch& batch) {
  return watch_(batch, [&] { return target().commit(batch); });
}

Result<Commit> Connection::commit(const Batch& batch) {
  Random& random = scheduler_.random;
  if (!faults_.down && !cut_off_ && random.percent(faults_.late)) {
    // The sender may be gone by then.
    scheduler_.at(Micros{random.between(1'000, 20'000'000)},
                  [watch = watch_, &storage = target(), batch] {
                    (void)watch(batch, [&] { return storage.commit(batch); });
                  });
    return give_up("commit late", "commit", kTimeout);
  }
  auto answer = perform("commit", [&] { return reach(batch); });
  if (answer && *answer == Commit::done) {
    if (const std::string* state = state_in(batch)) last_state = *state;
  }
  return answer;
}

}  // namespace rz::sim
