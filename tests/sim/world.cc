#include "sim/world.h"

#include <algorithm>
#include <filesystem>

#include "rz/fallback/history/transition_log.h"
#include "rz/storage/bounded_storage.h"
#include "sim/disk.h"

namespace rz::sim {
namespace {

using fallback::ModeState;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr Micros kTroubled{minutes{10}};
constexpr int kManyAttempts = 1000;
constexpr int kFewAttempts = 2;

const char* name_of(Command command) {
  switch (command) {
    case Command::evaluate: return "cascade";
    case Command::set: return "set";
    case Command::release: return "release";
    case Command::status: return "status";
    case Command::reconcile: return "reconcile";
    case Command::retry: return "callbacks retry";
    case Command::drop: return "callbacks drop";
  }
  return "";
}

}  // namespace

World::World(std::uint64_t seed, std::string folder, bool traced)
    : scheduler_(seed), server_(scheduler_), judge_(scheduler_) {
  scheduler_.traced = traced;
  const auto count = scheduler_.random.between(2, 4);
  for (std::int64_t i = 0; i < count; ++i) {
    hosts_.push_back(std::make_unique<Host>());
    hosts_.back()->name = "host" + std::to_string(i);
    hosts_.back()->folder = folder + "/" + hosts_.back()->name;
  }
  choose_faults();
}

// ---- What goes wrong

void World::choose_faults() {
  for (bool* each : {&may_.requests, &may_.answers, &may_.late, &may_.slow, &may_.outages,
                     &may_.cut_offs, &may_.disks, &may_.kills, &may_.pauses, &may_.bad_calls}) {
    *each = scheduler_.random.percent(40);
  }
  for (bool* each : {&may_.set_backs, &may_.emptied, &may_.clocks})
    *each = scheduler_.random.percent(25);
  may_.few_attempts = may_.bad_calls && scheduler_.random.percent(50);
  const auto rate = [&](bool may) {
    return may ? static_cast<int>(scheduler_.random.between(1, 15)) : 0;
  };
  network_ = {false, rate(may_.requests), rate(may_.answers), rate(may_.late), rate(may_.slow)};
  judge_.clocks_differ = may_.clocks;
}

void World::plan_faults() {
  const auto count = scheduler_.random.between(4, 24);
  for (std::int64_t i = 0; i < count; ++i) {
    const Micros from{scheduler_.random.between(0, kTroubled.count())};
    const Micros lasting{scheduler_.random.between(100'000, 120'000'000)};
    const int kind = static_cast<int>(scheduler_.random.between(0, 6));
    scheduler_.at(from, [this, kind, lasting] {
      if (!calm_) begin_fault(kind, lasting);
    });
  }
}

void World::begin_fault(int kind, Micros lasting) {
  Host& host =
      *hosts_[static_cast<std::size_t>(scheduler_.random.between(0, std::ssize(hosts_) - 1))];
  const auto begin = [&](const char* name, const std::string& where, bool& what) {
    if (what) return;
    ++outcome_.injected[name];
    scheduler_.note(std::string("begins: ") + name + " " + where);
    what = true;
    scheduler_.at(lasting, [this, name, where, &what] {
      what = false;
      scheduler_.note(std::string("ends: ") + name + " " + where);
    });
  };
  if (kind == 0 && may_.outages) begin("outage", "", network_.down);
  if (kind == 1 && may_.cut_offs) begin("cut off", host.name, host.cut_off);
  if (kind == 2 && may_.disks) begin("disk full", host.name, host.disk.full);
  if (kind == 3 && may_.clocks) {
    ++outcome_.injected["clock set"];
    host.ahead = Micros{scheduler_.random.between(-600'000'000, 600'000'000)};
    scheduler_.note("the clock of " + host.name + " is set");
  }
  if (kind == 4 && may_.kills) {
    for (const auto& process : host.processes) scheduler_.kill(process);
    outcome_.injected["killed"] += static_cast<int>(host.processes.size());
  }
  if (kind == 5 && (may_.set_backs || may_.emptied)) {
    const bool empties = !may_.set_backs || (may_.emptied && scheduler_.random.percent(50));
    ++outcome_.injected[empties ? "emptied" : "set back"];
    const Copy back = empties ? Copy{} : copy_;
    server_.set_back(back);
    const auto state = back.keys.find(std::string(fallback::kModeStateKey));
    scheduler_.note(empties ? "the store is emptied" : "the store is set back");
    judge_.note_loss(
        state == back.keys.end() ? ModeState{} : *fallback::decode_mode_state(state->second),
        back.records);
  }
  if (kind == 6) copy_ = server_.copy();
}

void World::end_faults() {
  calm_ = true;
  network_ = {};
  for (const auto& host : hosts_) {
    host->cut_off = false;
    host->disk.full = false;
    host->ahead = Micros{0};
    // A person has looked at what could not be read.
    std::error_code error;
    for (const auto& file : std::filesystem::directory_iterator(host->folder, error)) {
      if (file.path().extension() == ".damaged") std::filesystem::remove(file.path(), error);
    }
  }
}

// ---- What hosts do

HealthState World::health() {
  HealthState state;
  const auto kind = scheduler_.random.between(0, 5);
  if (kind < 2) state.system.failed_components = 2;
  if (kind == 2) {
    state.circuit_breaker.state = "OPEN";
    state.circuit_breaker.open_duration_seconds = 5;
  }
  return state;
}

void World::plan_processes() {
  // Most seeds are short: a short trace is read sooner, and more of them fit into an hour.
  const auto count = scheduler_.random.one_in(10) ? scheduler_.random.between(20, 60)
                                                  : scheduler_.random.between(3, 14);
  for (std::int64_t i = 0; i < count; ++i) {
    const Micros at{scheduler_.random.between(0, kTroubled.count())};
    const auto host =
        static_cast<std::size_t>(scheduler_.random.between(0, std::ssize(hosts_) - 1));
    const auto drawn = scheduler_.random.between(0, 22);
    const Command command = drawn < 11   ? Command::evaluate
                            : drawn < 14 ? Command::set
                            : drawn < 16 ? Command::release
                            : drawn < 19 ? Command::status
                            : drawn < 20 ? Command::reconcile
                            : drawn < 22 ? Command::retry
                                         : Command::drop;
    scheduler_.at(at, [this, host, command] { start_process(*hosts_[host], command); });
    // Two processes of a host at a time.
    if (scheduler_.random.one_in(6)) {
      scheduler_.at(at + Micros{scheduler_.random.between(0, 3'000)},
                    [this, host] { start_process(*hosts_[host], Command::evaluate); });
    }
  }
}

void World::start_process(Host& host, Command command) {
  ++outcome_.processes;
  const std::string name = host.name + "/" + std::to_string(outcome_.processes);
  auto task = scheduler_.start(name, host.disk, [this, &host, command] {
    try {
      run_process(host, command);
    } catch (const Killed&) {
      scheduler_.note("killed");
    }
    std::erase_if(host.processes,
                  [this](const auto& each) { return each.get() == scheduler_.running(); });
  });
  host.processes.push_back(std::move(task));
  if (may_.kills && !calm_ && scheduler_.random.one_in(10)) {
    ++outcome_.injected["killed"];
    scheduler_.at(Micros{scheduler_.random.between(0, 8'000)},
                  [this, task = host.processes.back()] { scheduler_.kill(task); });
  }
}

std::optional<ModeState> World::known_of(const Host& host) const {
  const auto view = fallback::Spool(host.folder, "store").peek_known();
  return view ? view->known : std::nullopt;
}

// What was decided in an outage in place of attempts, also by processes that end before they
// answer.
void World::note_instead(const Host& host) {
  const auto view = fallback::Spool(host.folder, "store").peek();
  if (!view) return;
  for (const fallback::SpoolEntry& entry : view->entries) {
    if (!entry.instead_of.empty()) judge_.note_instead(entry.after.writer, entry.instead_of);
  }
}

void World::register_calls(const Host& host, FallbackManager& manager, const Connection& connection,
                           storage::BoundedStorage& bounded) {
  const CallbackLimits limits{.attempts = may_.few_attempts ? kFewAttempts : kManyAttempts,
                              .max_age = hours{1000},
                              .timeout = seconds{30}};
  manager.register_mode_callback(
      Mode::safe,
      [this, &host, &connection, &bounded,
       process_begun = scheduler_.now()](const Transition& made) -> Result<void> {
        scheduler_.note("call runs: write " + made.writer);
        note_instead(host);
        const bool cut_off = connection.failures > 0 || bounded.time_left() == Millis{0};
        CallRun& run = judge_.note_call(made, cut_off, process_begun);
        const std::chrono::nanoseconds begun = scheduler_.uptime();
        const bool paused = may_.pauses && !calm_ && scheduler_.random.one_in(5);
        const bool fails = may_.bad_calls && !calm_ && scheduler_.random.one_in(4);
        try {
          scheduler_.wait(paused ? Micros{seconds{scheduler_.random.between(31, 120)}}
                                 : Micros{scheduler_.random.between(1'000, 25'000'000)});
        } catch (const Killed&) {
          run.over = true;
          throw;
        }
        run.over = true;
        // As the program does: a callback has a timeout of its own.
        bounded.extend(scheduler_.uptime() - begun);
        if (paused) ++outcome_.injected["pause in a call"];
        if (fails) ++outcome_.injected["call fails"];
        scheduler_.note(fails ? "call fails" : "call ends well");
        if (fails) return fail(ErrorCode::unavailable, "no light");
        judge_.note_call_done(made);
        return {};
      },
      limits);
}

// A person looks at the list, and gives an order about one of the calls.
void World::order_call(FallbackManager& manager, Command command) {
  const auto list = manager.callbacks();
  if (!list) return scheduler_.note("ends: " + to_string(list.error()));
  if (list->calls.empty()) return scheduler_.note("ends: there is no call");
  const TimePoint asked_at = scheduler_.now();
  const auto which = scheduler_.random.between(0, std::ssize(list->calls) - 1);
  const Transition& made = list->calls[static_cast<std::size_t>(which)].transition;
  const auto done = command == Command::retry ? manager.retry_callback(made.writer)
                                              : manager.drop_callback(made.writer);
  if (!done) return scheduler_.note("ends: " + to_string(done.error()));
  ++outcome_.injected[command == Command::retry ? "call asked for again" : "call dropped"];
  if (command == Command::retry) judge_.note_retried(made, asked_at);
}

Result<Evaluation> World::perform(FallbackManager& manager, Command command) {
  Random& random = scheduler_.random;
  switch (command) {
    case Command::evaluate: return manager.cascade(calm_ ? HealthState{} : health());
    case Command::set: {
      const char* const modes[] = {"primary", "heuristic", "safe"};
      return manager.set_mode(modes[random.between(0, 2)], Millis{random.between(1'000, 300'000)},
                              "order " + std::to_string(++orders_));
    }
    case Command::release: return manager.release();
    case Command::status: return manager.status();
    case Command::retry:
    case Command::drop:
      order_call(manager, command);
      return fail(ErrorCode::unavailable, "no mode was asked for");
    case Command::reconcile: break;
  }
  const auto status = manager.reconcile();
  if (!status) return fail(status.error());
  return fail(ErrorCode::unavailable, "no mode was asked for");
}

void World::run_process(Host& host, Command command) {
  scheduler_.note(std::string("starts: rz ") + name_of(command));
  HostClock clock(scheduler_, host.ahead);
  // What the host knew when its process put something back is a parent of what it wrote.
  Connection connection(scheduler_, server_, network_, host.cut_off, outcome_.injected,
                        [this, &host](const Batch& batch, const auto& commit) {
                          return judge_.watch(
                              batch, [&] { return known_of(host); }, commit);
                        });
  const auto spool = std::make_shared<fallback::Spool>(host.folder, "store", seconds{1});
  // A program has a deadline, or not.
  const bool has_deadline = scheduler_.random.percent(50);
  storage::BoundedStorage bounded(connection, clock,
                                  has_deadline ? std::optional<Millis>(seconds{30}) : std::nullopt);
  Storage& storage = has_deadline ? static_cast<Storage&>(bounded) : connection;
  FallbackManager manager(
      storage, {.retention = hours{1000}, .actor = "ops", .host = host.name, .spool = spool},
      clock);
  register_calls(host, manager, connection, bounded);
  const auto known = known_of(host);
  const Micros begun = std::chrono::duration_cast<Micros>(scheduler_.uptime());
  const auto answer = perform(manager, command);
  if (!answer) return scheduler_.note("ends: " + to_string(answer.error()));
  scheduler_.note(std::string("ends: ") + to_string(answer->before.mode) + " -> " +
                  to_string(answer->after.mode) + (answer->store.outage ? ", offline" : "") +
                  (answer->store.doubts.empty() ? "" : ", in doubt: " + answer->store.doubts[0]));
  // What was read just before the deadline ended was not believed: the run went on without the
  // store.
  const bool sure = !answer->store.outage && answer->store.doubts.empty() &&
                    connection.failures == 0 && bounded.time_left() != Millis::zero();
  note_answer(host, *answer, connection, sure ? known : std::nullopt, begun);
}

void World::note_answer(const Host& host, const Evaluation& answer, const Connection& connection,
                        const std::optional<ModeState>& known, Micros begun) {
  const StoreStatus& status = answer.store;
  if (known) {
    auto there = fallback::decode_mode_state(connection.last_state);
    if (connection.last_state.empty()) {
      judge_.note_answer(ModeState{}, *known);
    } else if (there) {
      judge_.note_answer(*there, *known);
    }
  }
  if (!answer.changed() || status.unrecorded) return;
  if (!status.outage) return judge_.note_entered(answer.after.epoch, answer.after.mode);
  const auto view = fallback::Spool(host.folder, "store").peek();
  if (!view) return;
  for (auto entry = view->entries.rbegin(); entry != view->entries.rend(); ++entry) {
    const bool mine = !entry->attempt && entry->transition && entry->transition->changes_mode() &&
                      entry->made.monotonic >= begun && entry->after.mode == answer.after.mode;
    if (mine) {
      return judge_.note_acknowledged(entry->after.writer, entry->instead_of, entry->after.mode);
    }
  }
}

// ---- The run

bool World::is_quiet() {
  for (const auto& host : hosts_) {
    if (!host->processes.empty()) return false;
    if (fallback::Spool(host->folder, "store").pending()) return false;
  }
  const auto bytes = server_.storage().get(fallback::kModeStateKey);
  if (!bytes || !*bytes) return true;
  const auto state = fallback::decode_mode_state(**bytes);
  return state && state->owed.empty();
}

void World::everybody(Command command) {
  for (const auto& host : hosts_) {
    start_process(*host, command);
    scheduler_.run(scheduler_.now() + seconds{60});
  }
}

// Each host meets the store again and again, until nothing waits and nothing is owed. Then each
// sees that all is well, so that no vote stands that the next evaluation would weigh; all must say
// the same, and nobody may doubt it.
void World::come_back() {
  constexpr int kRounds = 40;
  for (int round = 0; round < kRounds; ++round) {
    everybody(Command::status);
    if (round >= 1 && is_quiet()) break;
    if (round == kRounds - 1) judge_.blame("when the faults were over, something still waited");
  }
  for (int round = 0; round < 2; ++round) everybody(Command::evaluate);
  if (!is_quiet()) judge_.blame("an evaluation while all is well left something waiting");
  const auto bytes = server_.storage().get(fallback::kModeStateKey);
  const Mode mode = bytes && *bytes ? fallback::decode_mode_state(**bytes)->mode : Mode::primary;
  for (const auto& host : hosts_) {
    HostClock clock(scheduler_, host->ahead);
    FallbackManager manager(
        server_.storage(),
        {.actor = "ops", .host = host->name, .spool = make_spool(host->folder, "store")}, clock);
    const auto seen = manager.status();
    const bool agrees = seen && seen->after.mode == mode && seen->store.doubts.empty();
    if (!agrees) {
      judge_.blame(host->name + " does not agree in the end: " +
                   (!seen ? to_string(seen.error())
                          : std::string(to_string(seen->after.mode)) +
                                (seen->store.doubts.empty() ? "" : ": " + seen->store.doubts[0])));
    }
  }
}

Outcome World::run() {
  const SimulatedCalls calls(scheduler_);
  plan_processes();
  plan_faults();
  scheduler_.run(Scheduler::kStart + kTroubled);
  end_faults();
  // What was under way arrives, and what hangs ends.
  scheduler_.run(scheduler_.now() + minutes{5});
  come_back();
  auto history = fallback::TransitionLog(server_.storage(), hours{1000}).list({});
  if (history) {
    judge_.check_history(*history, true);
  } else {
    judge_.blame("the history cannot be read: " + to_string(history.error()));
  }
  scheduler_.kill_all();
  for (const auto& host : hosts_) outcome_.injected["failed writes"] += host->disk.injected;
  outcome_.faults = judge_.faults();
  outcome_.commits = judge_.commits;
  outcome_.conflicts = judge_.conflicts;
  outcome_.at_once = judge_.at_once;
  return std::move(outcome_);
}

}  // namespace rz::sim
