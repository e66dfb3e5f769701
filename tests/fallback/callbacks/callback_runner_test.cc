#include "rz/fallback/callbacks/callback_runner.h"

#include <doctest/doctest.h>
#include <signal.h>

#include <chrono>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "fallback/fallback_support.h"
#include "fallback/mode_host.h"
#include "rz/base/file.h"
#include "rz/fallback/callbacks/callback_orders.h"
#include "rz/fallback/callbacks/command_callback.h"
#include "rz/storage/memory_storage.h"
#include "rz/storage/storage_wrapper.h"
#include "storage/child_process.h"
#include "support/patience.h"
#include "support/results.h"
#include "support/temp_folder.h"

namespace rz::fallback {
namespace {

using std::chrono::seconds;

const CallbackLimits kLimits{
    .attempts = 2, .max_age = std::chrono::minutes{15}, .timeout = seconds{30}};

struct CallbackRunnerFixture {
  ManualClock clock{at(0)};
  storage::MemoryStorage store{clock};
  TempFolder folder;
  ModeHost host{store, clock, folder / "spool", "db1"};
  std::vector<std::string> calls;
  bool works = true;
  std::function<void()> meanwhile = [] {};  ///< What others do while a call runs.
  StoreStatus status;

  CallbackRunnerFixture() {
    for (const Mode mode : {Mode::heuristic, Mode::safe}) host.callbacks.add(mode, note(), kLimits);
  }

  /// A callback that notes mode and epoch of its transition, and ends as `works` says.
  ModeCallback note() {
    return [this](const Transition& made) -> Result<void> {
      calls.push_back(std::string(to_string(made.to)) + ":" +
                      (made.epoch ? std::to_string(*made.epoch) : "-"));
      meanwhile();
      if (!works) return fail(ErrorCode::unavailable, "no light");
      return {};
    };
  }

  ModeState stored() { return ok(host.reconciler.store().read()).state; }

  OwedCallback first_owed() {
    const ModeState state = stored();
    REQUIRE_FALSE(state.owed.empty());
    return state.owed.front();
  }

  /// A call that a host without callbacks here is to make: its transition is made, and its claim
  /// given back.
  void owe_call_for(Mode mode) {
    ModeState state = ok(host.evaluate(enter(mode))).after;
    change([](OwedCallback& call) { call.give_back(); }, state.writer);
  }

  /// Changes the call of `token` in the store, as another process does it.
  template <class Change>
  void change(const Change& change_call, const std::string& token) {
    ok(host.keeper.change(
        [&](const ModeState& state, TimePoint) {
          ModePlan plan{.next = state};
          OwedCallback* call = find_call(plan.next.owed, token);
          REQUIRE(call != nullptr);
          change_call(*call);
          return plan;
        },
        ModeKeeper::Origin::bookkeeping));
  }

  /// The calls that were made since.
  std::vector<std::string> run_due() {
    calls.clear();
    status = {};
    ModeState state = stored();
    host.runner.make_due_calls(state, status);
    CHECK(state.version == stored().version);
    return calls;
  }

  bool warns(const std::string& words) const {
    for (const std::string& each : status.warnings) {
      if (each.find(words) != std::string::npos) return true;
    }
    return false;
  }
};

using Calls = std::vector<std::string>;

/// Waits for it as long as a test waits for anything.
bool comes(const std::function<bool()>& what) {
  const auto give_up = std::chrono::steady_clock::now() + test::kPatience;
  while (!what()) {
    if (std::chrono::steady_clock::now() >= give_up) return false;
    std::this_thread::sleep_for(Millis{2});
  }
  return true;
}

/// Does something before each commit.
class BeforeCommit : public storage::StorageWrapper {
 public:
  BeforeCommit(Storage& target, std::function<void()> before)
      : StorageWrapper(target), before_(std::move(before)) {}

  Result<Commit> commit(const Batch& batch) override {
    before_();
    return StorageWrapper::commit(batch);
  }

 private:
  std::function<void()> before_;
};

TEST_CASE_FIXTURE(CallbackRunnerFixture,
                  "who makes a transition makes its call, and takes it off the list") {
  const ModeChange done = ok(host.evaluate(enter(Mode::safe)));
  REQUIRE(stored().owed.size() == 1);
  ModeState state = done.after;
  host.runner.make_calls(done, state, status);
  CHECK(calls == Calls{"safe:1"});
  CHECK(state.owed.empty());
  CHECK(stored() == state);
  CHECK(status.warnings.empty());
  CHECK(run_due() == Calls{});
}

TEST_CASE_FIXTURE(CallbackRunnerFixture,
                  "what changed no mode owes nothing, and makes what is due") {
  owe_call_for(Mode::safe);
  const ModeChange nothing = ok(host.evaluate(enter(Mode::safe)));
  ModeState state = nothing.after;
  host.runner.make_calls(nothing, state, status);
  CHECK(calls == Calls{"safe:1"});
}

TEST_CASE_FIXTURE(CallbackRunnerFixture,
                  "a call that another has claimed is left to it until its lease ends") {
  owe_call_for(Mode::safe);
  const std::string token = first_owed().transition.writer;
  change(
      [&](OwedCallback& call) {
        call.claim_for("another", kLimits, clock.now());
        call.process.clear();
      },
      token);
  CHECK(run_due() == Calls{});
  CHECK(first_owed().claim == "another");
  clock.advance(seconds{39});
  CHECK(run_due() == Calls{});
  clock.advance(seconds{1});
  CHECK(run_due() == Calls{"safe:1"});
  CHECK(warns("was still owed"));
  CHECK(stored().owed.empty());
}

TEST_CASE_FIXTURE(CallbackRunnerFixture,
                  "a claim whose lease was over and that is renewed is left to its host") {
  owe_call_for(Mode::safe);
  const std::string token = first_owed().transition.writer;
  change(
      [&](OwedCallback& call) {
        call.claim_for("another", kLimits, clock.now());
        call.process.clear();
      },
      token);
  clock.advance(seconds{40});
  ModeState state = stored();
  change([&](OwedCallback& call) { call.claimed_at = clock.now(); }, token);
  host.runner.make_due_calls(state, status);
  CHECK(calls.empty());
  CHECK(first_owed().claim == "another");
}

TEST_CASE_FIXTURE(CallbackRunnerFixture,
                  "who finds a call claimed when he claims it does not make it") {
  owe_call_for(Mode::safe);
  // It was nobody's when this host read it.
  ModeState state = stored();
  REQUIRE(state.owed.size() == 1);
  change([&](OwedCallback& call) { call.claim_for("another", kLimits, clock.now()); },
         state.owed[0].transition.writer);
  host.runner.make_due_calls(state, status);
  CHECK(calls.empty());
  CHECK(state == stored());
  CHECK(state.owed[0].claim == "another");
}

TEST_CASE_FIXTURE(CallbackRunnerFixture,
                  "a run that goes on keeps others away when its lease is over") {
  const ModeState made = ok(host.evaluate(enter(Mode::safe))).after;
  REQUIRE(made.owed.size() == 1);
  change([](OwedCallback& call) { call.process.clear(); }, made.writer);
  clock.advance(seconds{100});
  {
    const UniqueFd running = ok(host.spool->calls().hold(made.owed[0].claim));
    CHECK(run_due() == Calls{});
  }
  CHECK(run_due() == Calls{"safe:1"});
}

// What it started may still run, and whether it does shows in its own folder alone.
TEST_CASE_FIXTURE(CallbackRunnerFixture,
                  "a claim of a dead process is free at once in its own folder alone") {
  const ModeState made = ok(host.evaluate(enter(Mode::safe))).after;
  REQUIRE(made.owed.size() == 1);
  CHECK(made.owed[0].folder == host.spool->calls().folder_token());
  change([](OwedCallback& call) { call.process.replace(call.process.rfind('/'), 99, "/1"); },
         made.writer);
  SUBCASE("another folder of this machine waits for the lease") {
    ModeHost other(store, clock, folder / "other", "db1");
    int made_there = 0;
    other.callbacks.add(
        Mode::safe,
        [&](const Transition&) -> Result<void> {
          ++made_there;
          return {};
        },
        kLimits);
    ModeState state = stored();
    other.runner.make_due_calls(state, status);
    CHECK(made_there == 0);
    clock.advance(seconds{40});
    other.runner.make_due_calls(state, status);
    CHECK(made_there == 1);
    CHECK(run_due() == Calls{});
  }
  SUBCASE("so does a claim of an earlier rz, which names no folder") {
    change([](OwedCallback& call) { call.folder.clear(); }, made.writer);
    CHECK(run_due() == Calls{});
  }
  SUBCASE("the same folder sees that nothing runs any more") {
    CHECK(run_due() == Calls{"safe:1"});
  }
  SUBCASE("or that something does") {
    const UniqueFd running = ok(host.spool->calls().hold(made.owed[0].claim));
    CHECK(run_due() == Calls{});
  }
}

TEST_CASE_FIXTURE(CallbackRunnerFixture,
                  "a run that cannot be held is made with a claim that names no folder") {
  ModeHost other(store, clock, folder / "other", "db1");
  std::string named = "never run";
  other.callbacks.add(
      Mode::safe,
      [&](const Transition&) -> Result<void> {
        named = first_owed().folder;
        return {};
      },
      kLimits);
  const ModeChange done = ok(other.evaluate(enter(Mode::safe)));
  ModeState state = done.after;
  bool can_be_held = true;
  SUBCASE("it can be held") {}
  SUBCASE("others can write to the file") {
    can_be_held = false;
    { const UniqueFd made = ok(other.spool->calls().hold(state.writer)); }
    for (const auto& each : std::filesystem::directory_iterator(folder / "other")) {
      std::filesystem::permissions(each.path(), std::filesystem::perms::others_write,
                                   std::filesystem::perm_options::add);
    }
  }
  other.runner.make_calls(done, state, status);
  CHECK(named == (can_be_held ? other.spool->calls().folder_token() : ""));
  CHECK(stored().owed.empty());
}

// Whoever claimed it while the store was away could tell nobody.
TEST_CASE_FIXTURE(CallbackRunnerFixture,
                  "a call that another rz of this host runs is not run beside it") {
  SUBCASE("by whom its transition was made") {
    const ModeChange done = ok(host.evaluate(enter(Mode::safe)));
    const UniqueFd running = ok(host.spool->calls().hold(done.after.writer));
    ModeState state = done.after;
    host.runner.make_calls(done, state, status);
    CHECK(calls.empty());
    CHECK(warns("the callback for safe (epoch 1) is not run, for another rz of this host runs it"));
    CHECK(first_owed().claim == done.after.writer);
  }
  SUBCASE("by who finds it owed") {
    owe_call_for(Mode::safe);
    const UniqueFd running = ok(host.spool->calls().hold(first_owed().transition.writer));
    CHECK(run_due() == Calls{});
    CHECK(first_owed().claim == "");
  }
  SUBCASE("by who claims it after that was killed who had made its transition") {
    const ModeState made = ok(host.evaluate(enter(Mode::safe))).after;
    change([](OwedCallback& call) { call.process.replace(call.process.rfind('/'), 99, "/1"); },
           made.writer);
    // The other one begins between the look at the lock and the claim.
    std::optional<UniqueFd> running;
    BeforeCommit late{store, [&] {
                        if (!running) running = ok(host.spool->calls().hold(made.writer));
                      }};
    ModeHost same(late, clock, folder / "spool", "db1");
    same.callbacks.add(Mode::safe, note(), kLimits);
    ModeState state = stored();
    same.runner.make_due_calls(state, status);
    REQUIRE(running);
    CHECK(calls.empty());
    CHECK(warns("another rz of this host runs it"));
    running.reset();
    CHECK(run_due() == Calls{});
    clock.advance(seconds{40});
    CHECK(run_due() == Calls{"safe:1"});
  }
}

TEST_CASE_FIXTURE(CallbackRunnerFixture,
                  "a program that outlives the rz that called it is not started again beside it") {
  const std::string script = "echo begun >" + (folder / "runs") + "; until [ -e " +
                             (folder / "end") + " ] || [ ! -d " + folder.path() +
                             " ]; do sleep 0.01; done";
  host.callbacks.add(Mode::safe, command_callback({{"/bin/sh", "-c", script}, seconds{300}}),
                     kLimits);
  const ModeChange done = ok(host.evaluate(enter(Mode::safe)));
  const std::string token = done.after.writer;
  storage::ChildProcess caller([&] {
    ModeState state = done.after;
    host.runner.make_calls(done, state, status);
    return 0;
  });
  REQUIRE(comes([&] { return std::filesystem::exists(folder / "runs"); }));
  caller.kill();
  CHECK(caller.wait() == 128 + SIGKILL);
  change([](OwedCallback& call) { call.process.replace(call.process.rfind('/'), 99, "/1"); },
         token);
  CHECK(run_due() == Calls{});
  REQUIRE(write_file(folder / "end", ""));
  REQUIRE(comes([&] { return !ok(host.spool->calls().is_held(token)); }));
  CHECK(run_due() == Calls{"safe:1"});
  CHECK(stored().owed.empty());
}

TEST_CASE_FIXTURE(CallbackRunnerFixture,
                  "a run that ends when the store is away is kept beside what waits in the spool") {
  ok(host.evaluate(enter(Mode::primary)));
  host.leave();
  ok(host.evaluate(enter(Mode::heuristic)));
  host.come_back();
  std::optional<UniqueFd> turn = ok(host.spool->lock_drain());
  const ModeChange done = ok(host.evaluate(enter(Mode::safe)));
  REQUIRE(stored().owed.size() == 1);
  // Another rz is bringing back what waits, and so it goes on waiting.
  REQUIRE(host.spool->pending());
  SUBCASE("it ends well") {}
  SUBCASE("it fails") { works = false; }
  meanwhile = [&] { host.leave(); };
  ModeState state = done.after;
  host.runner.make_calls(done, state, status);
  CHECK(calls == Calls{"safe:1"});
  CHECK_FALSE(warns("it may be run again"));
  host.come_back();
  meanwhile = [] {};
  // Whoever finds the store back before that is there leaves the call alone, also after its lease.
  clock.advance(seconds{41});
  CHECK(run_due() == Calls{});
  turn.reset();
  ok(host.evaluate(enter(Mode::safe)));
  const ModeState after = stored();
  const OwedCallback* const call = find_call(after.owed, done.after.writer);
  CHECK((call != nullptr) == !works);
  if (call != nullptr) CHECK(call->failed == 1);
}

TEST_CASE_FIXTURE(
    CallbackRunnerFixture,
    "a call that another rz of the host has made is not made by a decision that waits") {
  owe_call_for(Mode::safe);
  host.leave();
  ok(host.evaluate(enter(Mode::primary)));
  REQUIRE(host.spool->pending());
  // Another one reaches the store, makes the call, and leaves what waits to a third.
  ModeHost other{store, clock, folder / "spool", "db1"};
  other.callbacks.add(Mode::safe, note(), kLimits);
  std::optional<UniqueFd> turn = ok(other.spool->lock_drain());
  const auto stored_there = [&] { return ok(other.reconciler.store().read()).state; };
  ModeState there = stored_there();
  StoreStatus of_other;
  other.runner.make_due_calls(there, of_other);
  REQUIRE(calls == Calls{"safe:1"});
  REQUIRE(stored_there().owed.empty());
  calls.clear();
  clock.advance(seconds{41});
  auto known = ok(host.reconciler.read());
  REQUIRE(known.status.outage.has_value());
  host.runner.make_due_calls(known.state, known.status);
  CHECK(calls == Calls{});
}

TEST_CASE_FIXTURE(CallbackRunnerFixture,
                  "a claim from the future stands for a lease from when it is first seen") {
  const ModeState made = ok(host.evaluate(enter(Mode::safe))).after;
  REQUIRE(made.owed.size() == 1);
  change(
      [](OwedCallback& call) {
        call.claimed_at = at(1'000'000);
        call.process.clear();
      },
      made.writer);
  CHECK(run_due() == Calls{});
  CHECK(first_owed().claimed_at == at(0));
  clock.advance(seconds{40});
  CHECK(run_due() == Calls{"safe:1"});
}

TEST_CASE_FIXTURE(CallbackRunnerFixture,
                  "a call that fails is made again later, and given up after its attempts") {
  works = false;
  const ModeChange done = ok(host.evaluate(enter(Mode::safe)));
  ModeState state = done.after;
  host.runner.make_calls(done, state, status);
  CHECK(calls == Calls{"safe:1"});
  CHECK(warns("no light"));
  REQUIRE(state.owed.size() == 1);
  CHECK(state.owed[0].failed == 1);
  CHECK(state.owed[0].claim == "");
  CHECK(run_due() == Calls{});

  clock.advance(seconds{10});
  SUBCASE("the second run ends well") {
    works = true;
    CHECK(run_due() == Calls{"safe:1"});
    CHECK(stored().owed.empty());
  }
  SUBCASE("the second fails as well") {
    CHECK(run_due() == Calls{"safe:1"});
    CHECK(first_owed().failed == 2);
    CHECK(run_due() == Calls{});
    CHECK(warns("callback for safe (epoch 1) is given up: 2 of 2 runs failed"));
    CHECK(stored().owed.empty());
  }
}

TEST_CASE_FIXTURE(
    CallbackRunnerFixture,
    "a call is known by its claim when the attempt of its transition has taken over") {
  const ModeChange done = ok(host.evaluate(enter(Mode::safe)));
  ModeState state = done.after;
  meanwhile = [&] {
    change([](OwedCallback& call) { call.transition.writer = "attempt"; }, state.writer);
  };
  SUBCASE("it ends well") {
    host.runner.make_calls(done, state, status);
    CHECK(stored().owed.empty());
  }
  SUBCASE("it fails") {
    works = false;
    host.runner.make_calls(done, state, status);
    CHECK(first_owed().transition.writer == "attempt");
    CHECK(first_owed().failed == 1);
    CHECK(first_owed().claim == "");
  }
  SUBCASE("another has claimed it since") {
    meanwhile = [&] {
      change(
          [&](OwedCallback& call) {
            call.transition.writer = "attempt";
            call.claim_for("another", kLimits, clock.now());
          },
          state.writer);
    };
    host.runner.make_calls(done, state, status);
    CHECK(first_owed().claim == "another");
  }
  CHECK(calls == Calls{"safe:1"});
}

TEST_CASE_FIXTURE(CallbackRunnerFixture, "what a run left behind is kept, and how late it was") {
  std::vector<std::string> begun;
  const auto program = [&](const CallbackRun& run) -> Result<void> {
    begun.push_back(std::string(to_string(run.current_mode)) +
                    (run.late >= seconds{1} ? ", late" : ""));
    run.output->exit_code = works ? 0 : 7;
    run.output->text = "\n" + std::string(500, 'x');
    if (!works) return fail(ErrorCode::unavailable, "no light");
    return {};
  };
  host.callbacks.add(Mode::primary, program, kLimits);
  ok(host.evaluate(enter(Mode::safe)));
  owe_call_for(Mode::primary);
  ok(host.evaluate(enter(Mode::heuristic)));
  clock.advance(seconds{2});
  works = false;
  run_due();
  CHECK(begun == Calls{"heuristic, late"});
  const auto owed_for_primary = [&] {
    const ModeState state = stored();
    const auto found = std::find_if(state.owed.begin(), state.owed.end(), [](const auto& each) {
      return each.transition.to == Mode::primary;
    });
    return found == state.owed.end() ? std::nullopt : std::optional<OwedCallback>(*found);
  };
  REQUIRE(owed_for_primary().has_value());
  const CallbackResult failed = *owed_for_primary()->last_failure;
  CHECK(failed.exit_code == 7);
  CHECK(failed.host == host.reconciler.person().host);
  CHECK(failed.output == std::string(kCallbackOutputMax, 'x') + "…");
  CHECK(stored().failed_calls == 1);
  clock.advance(seconds{20});
  works = true;
  run_due();
  CHECK_FALSE(owed_for_primary().has_value());
  const std::vector<EndedCallback> ended = stored().ended;
  const auto last = std::find_if(ended.begin(), ended.end(), [](const EndedCallback& each) {
    return each.transition.to == Mode::primary;
  });
  REQUIRE(last != ended.end());
  CHECK(last->how == EndedCallback::How::ran);
  CHECK(last->failed == 1);
  CHECK(last->result->exit_code == 0);
}

TEST_CASE_FIXTURE(CallbackRunnerFixture, "a run without an exit code is kept with its reason") {
  const auto program = [&](const CallbackRun& run) -> Result<void> {
    run.output->text = "half of it";
    return fail(ErrorCode::timeout, "was stopped after its timeout", "page");
  };
  host.callbacks.add(Mode::heuristic, program, kLimits);
  owe_call_for(Mode::heuristic);
  run_due();
  const auto last_failure = first_owed().last_failure;
  REQUIRE(last_failure.has_value());
  const CallbackResult& failed = *last_failure;
  CHECK_FALSE(failed.exit_code.has_value());
  CHECK(failed.output == "page: was stopped after its timeout\nhalf of it");
}

TEST_CASE_FIXTURE(CallbackRunnerFixture, "what was given up can be asked for again, or dropped") {
  works = false;
  owe_call_for(Mode::safe);
  run_due();
  clock.advance(seconds{10});
  run_due();
  run_due();
  REQUIRE(stored().owed.empty());
  REQUIRE(stored().ended.size() == 1);
  CHECK(stored().ended[0].how == EndedCallback::How::given_up);
  const auto order = [&](const auto& plan, const std::string& name) {
    OrderOutcome outcome{};
    const auto is_running = [&](const OwedCallback& owed) {
      return host.runner.is_running(owed, clock.now());
    };
    ok(host.keeper.change(plan(name, clock.now(), is_running, outcome),
                          ModeKeeper::Origin::bookkeeping));
    return outcome;
  };
  CHECK(order(plan_retry, "2") == OrderOutcome::no_such_call);
  CHECK(order(plan_drop, "1") == OrderOutcome::no_such_call);
  // Long after its time: that counts anew.
  clock.advance(std::chrono::hours{5});
  CHECK(order(plan_retry, "1") == OrderOutcome::done);
  CHECK(run_due() == Calls{"safe:1"});
  CHECK(first_owed().failed == 1);
  CHECK(order(plan_drop, first_owed().transition.writer) == OrderOutcome::done);
  CHECK(stored().owed.empty());
  CHECK(stored().ended.back().how == EndedCallback::How::dropped);
  works = true;
  CHECK(order(plan_retry, "1") == OrderOutcome::done);
  CHECK(run_due() == Calls{"safe:1"});
  CHECK(order(plan_retry, "1") == OrderOutcome::has_run);
  // Nobody takes away what runs.
  const ModeState made = ok(host.evaluate(enter(Mode::heuristic))).after;
  CHECK(order(plan_drop, made.writer) == OrderOutcome::is_running);
  CHECK(order(plan_retry, made.writer) == OrderOutcome::is_running);
}

TEST_CASE_FIXTURE(CallbackRunnerFixture,
                  "what nobody runs any more is not running, claimed or not") {
  const ModeState made = ok(host.evaluate(enter(Mode::safe))).after;
  REQUIRE(made.owed.size() == 1);
  CHECK(host.runner.is_running(made.owed[0], clock.now()));
  // The number of this process with another begin: one that had it before, and has ended.
  OwedCallback left = made.owed[0];
  left.process = left.process.substr(0, left.process.rfind('/')) + "/1";
  CHECK_FALSE(host.runner.is_running(left, clock.now()));
  // Unless a program of it goes on, be it beyond the lease.
  const UniqueFd running = ok(host.spool->calls().hold(left.claim));
  CHECK(host.runner.is_running(left, clock.now()));
  CHECK(host.runner.is_running(left, clock.now() + std::chrono::hours{1}));
}

TEST_CASE_FIXTURE(CallbackRunnerFixture,
                  "a run that ends well counts, whoever asks for it meanwhile") {
  const ModeChange done = ok(host.evaluate(enter(Mode::safe)));
  ModeState state = done.after;
  meanwhile = [&] {
    change([&](OwedCallback& call) { call.ask_again(clock.now()); }, state.writer);
  };
  host.runner.make_calls(done, state, status);
  CHECK(calls == Calls{"safe:1"});
  CHECK(stored().owed.empty());
  CHECK(stored().ended.back().how == EndedCallback::How::ran);
}

TEST_CASE_FIXTURE(CallbackRunnerFixture,
                  "in an outage, what was dropped or given up in it can be asked for again") {
  works = false;
  owe_call_for(Mode::safe);
  ModeState state = stored();
  ok(host.keeper.change([](const ModeState& read, TimePoint) { return ModePlan{.next = read}; },
                        ModeKeeper::Origin::bookkeeping));
  host.leave();
  OrderOutcome outcome{};
  const auto nobody = [](const OwedCallback&) { return false; };
  const auto dropped = ok(host.keeper.change(plan_drop("1", clock.now(), nobody, outcome),
                                             ModeKeeper::Origin::bookkeeping));
  CHECK(outcome == OrderOutcome::done);
  CHECK(dropped.after.owed.empty());
  works = true;
  clock.advance(seconds{1});
  auto asked = ok(host.keeper.change(plan_retry("1", clock.now(), nobody, outcome),
                                     ModeKeeper::Origin::bookkeeping));
  CHECK(outcome == OrderOutcome::done);
  state = asked.after;
  host.runner.make_due_calls(state, asked.status);
  CHECK(calls == Calls{"safe:1"});
  CHECK(state.owed.empty());
  CHECK(state.ended.back().how == EndedCallback::How::ran);
}

TEST_CASE_FIXTURE(CallbackRunnerFixture, "what a person asks for meanwhile is not given up") {
  works = false;
  owe_call_for(Mode::safe);
  run_due();
  clock.advance(seconds{10});
  run_due();
  ModeState read = stored();
  REQUIRE(read.owed.size() == 1);
  REQUIRE(read.owed[0].failed == kLimits.attempts);
  change([&](OwedCallback& call) { call.ask_again(clock.now()); }, read.owed[0].transition.writer);
  calls.clear();
  host.runner.make_due_calls(read, status);
  REQUIRE(stored().owed.size() == 1);
  CHECK(stored().owed[0].asked_at == clock.now());
  CHECK(stored().ended.empty());
  CHECK_FALSE(warns("given up"));
}

TEST_CASE_FIXTURE(CallbackRunnerFixture,
                  "what is asked for by a time before its end is owed all the same") {
  ModeState state = ok(host.evaluate(enter(Mode::safe))).after;
  end_call(state, OwedCallback(state.owed[0]), EndedCallback::How::given_up, clock.now());
  OrderOutcome outcome{};
  const ModeState after =
      plan_retry(
          "1", clock.now() - seconds{5}, [](const OwedCallback&) { return false; }, outcome)(
          state, clock.now())
          .next;
  CHECK(outcome == OrderOutcome::done);
  REQUIRE(after.owed.size() == 1);
  CHECK_FALSE(state.ended[0].ends(after.owed[0]));
}

TEST_CASE_FIXTURE(CallbackRunnerFixture, "a call that is too old is given up and not made") {
  owe_call_for(Mode::safe);
  clock.advance(kLimits.max_age + seconds{1});
  CHECK(run_due() == Calls{});
  CHECK(warns("is given up: 0 of 2 runs failed, and it is 15m"));
  CHECK(stored().owed.empty());
}

TEST_CASE_FIXTURE(CallbackRunnerFixture,
                  "a host without the callback leaves the call to the others for a week") {
  owe_call_for(Mode::safe);
  ModeHost bare(store, clock, folder / "bare", "db2");
  ModeState state = stored();
  clock.advance(std::chrono::hours{24 * 7});
  bare.runner.make_due_calls(state, status);
  CHECK(stored().owed.size() == 1);
  clock.advance(seconds{1});
  bare.runner.make_due_calls(state, status);
  CHECK(warns("no host has it"));
  CHECK(stored().owed.empty());
}

TEST_CASE_FIXTURE(CallbackRunnerFixture, "calls are made in the order of their transitions") {
  owe_call_for(Mode::safe);
  owe_call_for(Mode::heuristic);
  owe_call_for(Mode::safe);
  SUBCASE("all that are due") {
    CHECK(run_due() == Calls{"safe:1", "heuristic:2", "safe:3"});
    CHECK(stored().owed.empty());
  }
  SUBCASE("none before an earlier one of its mode that another is at") {
    const std::string token = first_owed().transition.writer;
    change([&](OwedCallback& call) { call.claim_for("another", kLimits, clock.now()); }, token);
    CHECK(run_due() == Calls{"heuristic:2"});
    REQUIRE(stored().owed.size() == 2);
    CHECK(stored().owed[1].claim == "");
  }
}

TEST_CASE_FIXTURE(CallbackRunnerFixture,
                  "in an outage a call is made, and what became of it waits in the spool") {
  ok(host.evaluate(enter(Mode::heuristic)));
  host.leave();
  const ModeChange done = ok(host.evaluate(enter(Mode::safe)));
  ModeState state = done.after;
  status = done.status;
  host.runner.make_calls(done, state, status);
  CHECK(calls == Calls{"safe:2"});
  CHECK(find_call(state.owed, state.decision) == nullptr);
  CHECK(ok(host.spool->peek()).state() == state);
  host.come_back();
  CHECK(find_call(ok(host.reconciler.read()).state.owed, state.decision) == nullptr);
}

TEST_CASE_FIXTURE(CallbackRunnerFixture,
                  "a mode that could not be kept has its call made all the same") {
  ModeHost bare(store, clock, std::nullopt, "db2");
  bare.callbacks.add(Mode::safe, note(), kLimits);
  works = false;
  bare.leave();
  const ModeChange done = ok(bare.evaluate(enter(Mode::safe)));
  REQUIRE(done.status.unrecorded);
  ModeState state = done.after;
  bare.runner.make_calls(done, state, status);
  CHECK(calls == Calls{"safe:-"});
  CHECK(warns("no light"));
}

TEST_CASE_FIXTURE(CallbackRunnerFixture,
                  "a run that could not be kept is told, for it may be made again") {
  ModeHost bare(store, clock, std::nullopt, "db2");
  bare.callbacks.add(Mode::safe, note(), kLimits);
  const ModeChange done = ok(bare.evaluate(enter(Mode::safe)));
  bare.leave();
  ModeState state = done.after;
  bare.runner.make_calls(done, state, status);
  CHECK(calls == Calls{"safe:1"});
  CHECK(warns("the calls that are owed could not be recorded"));
  CHECK(warns("it may be run again"));
  CHECK(state.owed.size() == 1);
}

TEST_CASE_FIXTURE(
    CallbackRunnerFixture,
    "a call that this host knows to be over is not made by who read before that it was owed") {
  owe_call_for(Mode::safe);
  const ModeState owing = stored();
  SUBCASE("it was made with the store") { CHECK(run_due() == Calls{"safe:1"}); }
  SUBCASE("it was made alone") {
    host.leave();
    ModeState state = owing;
    status.outage = Error{ErrorCode::unavailable, "away", ""};
    host.runner.make_due_calls(state, status);
    CHECK(calls == Calls{"safe:1"});
  }
  calls.clear();
  host.leave();
  status = {};
  status.outage = Error{ErrorCode::unavailable, "away", ""};
  ModeState state = owing;
  host.runner.make_due_calls(state, status);
  CHECK(calls.empty());
}

/// Two hosts on a store with a clock: that of one of them is right, that of the other is not.
struct Clocks : CallbackRunnerFixture {
  ManualClock shared{at(0)};
  ClockedStorage clocked{store, shared};
  ManualClock wrong{at(0)};
  ModeHost right{clocked, shared, folder / "right", "db2"};
  ModeHost astray{clocked, wrong, folder / "astray", "db3"};

  /// The other host is about to make the calls that are due, while this call runs.
  ModeCallback while_other_looks(ModeHost& other) {
    return [this, &other](const Transition& made) -> Result<void> {
      const ModeState before = stored();
      ModeState state = before;
      StoreStatus seen;
      other.runner.make_due_calls(state, seen);
      CHECK(stored() == before);
      return note()(made);
    };
  }

  void make_transition(ModeHost& who) {
    const ModeChange done = ok(who.evaluate(enter(Mode::safe)));
    ModeState state = done.after;
    status = done.status;
    who.runner.make_calls(done, state, status);
  }
};

TEST_CASE_FIXTURE(Clocks, "what a host with a wrong clock runs is not run by another meanwhile") {
  SUBCASE("a clock that is behind") { wrong.set_now(at(-1000)); }
  SUBCASE("a clock that is ahead") { wrong.set_now(at(1000)); }
  astray.callbacks.add(Mode::safe, while_other_looks(right), kLimits);
  right.callbacks.add(Mode::safe, note(), kLimits);
  make_transition(astray);
  CHECK(calls == Calls{"safe:1"});
  CHECK(stored().owed.empty());
}

TEST_CASE_FIXTURE(Clocks, "nor is what such a host takes over from another") {
  SUBCASE("a clock that is behind") { wrong.set_now(at(-1000)); }
  SUBCASE("a clock that is ahead") { wrong.set_now(at(1000)); }
  astray.callbacks.add(Mode::safe, while_other_looks(right), kLimits);
  right.callbacks.add(Mode::safe, note(), kLimits);
  owe_call_for(Mode::safe);
  ModeState state = stored();
  astray.runner.make_due_calls(state, status);
  CHECK(calls == Calls{"safe:1"});
  CHECK(stored().owed.empty());
}

TEST_CASE_FIXTURE(Clocks, "a host with a wrong clock leaves alone what another runs") {
  SUBCASE("a clock that is behind") { wrong.set_now(at(-1000)); }
  SUBCASE("a clock that is ahead, by more than the age at which a call is given up") {
    wrong.set_now(at(1000));
  }
  right.callbacks.add(Mode::safe, while_other_looks(astray), kLimits);
  astray.callbacks.add(Mode::safe, note(), kLimits);
  make_transition(right);
  CHECK(calls == Calls{"safe:1"});
  CHECK_FALSE(warns("could not be recorded"));
  CHECK(stored().owed.empty());
}

TEST_CASE_FIXTURE(Clocks, "the wait after a failure goes by the time that all hosts share") {
  wrong.set_now(at(-1000));
  works = false;
  astray.callbacks.add(Mode::safe, note(), kLimits);
  make_transition(astray);
  CHECK(first_owed().not_before == at(10));
}

TEST_CASE_FIXTURE(Clocks, "the store is asked for its time once, and only if calls are owed") {
  right.callbacks.add(Mode::safe, note(), kLimits);
  make_transition(right);
  CHECK(clocked.asked == 1);
  ModeState state = stored();
  right.runner.make_due_calls(state, status);
  CHECK(clocked.asked == 1);
  owe_call_for(Mode::heuristic);
  state = stored();
  right.runner.make_due_calls(state, status);
  CHECK(clocked.asked == 2);
}

/// A host whose commits take their time.
struct Slow : CallbackRunnerFixture {
  /// Makes a transition whose commit takes `delay`.
  void make_transition(Millis delay) {
    host.storage.inject(storage::Fault::late(delay),
                        {.operation = storage::FaultyStorage::Operation::commit, .count = 1});
    const ModeChange done = ok(host.evaluate(enter(Mode::safe)));
    ModeState state = done.after;
    host.runner.make_calls(done, state, status);
  }
};

TEST_CASE_FIXTURE(Slow, "a claim that a slow commit has used up is renewed before the run") {
  TimePoint claimed_at{};
  host.callbacks.add(
      Mode::safe,
      [&](const Transition&) {
        claimed_at = first_owed().claimed_at;
        return Result<void>();
      },
      kLimits);
  SUBCASE("half of the slack is left: that is enough") {
    make_transition(seconds{5});
    CHECK(claimed_at == at(0));
  }
  SUBCASE("less than half of it") {
    make_transition(seconds{6});
    CHECK(claimed_at == at(6));
  }
  CHECK(calls == Calls{"safe:1"});
}

TEST_CASE_FIXTURE(Slow, "a call whose claim cannot be renewed is not made, and is still owed") {
  host.storage.inject(storage::Fault::failure(),
                      {.operation = storage::FaultyStorage::Operation::commit, .first = 2});
  make_transition(seconds{6});
  CHECK(calls.empty());
  CHECK(warns("its claim could not be renewed in time"));
  host.come_back();
  ok(host.reconciler.read());
  CHECK(stored().owed.size() == 1);
  clock.advance(seconds{40});
  CHECK(run_due() == Calls{"safe:1"});
  CHECK(stored().owed.empty());
}

TEST_CASE_FIXTURE(Slow, "a claim that another has taken meanwhile is left to it") {
  host.storage.inject(storage::Fault::late(seconds{6}),
                      {.operation = storage::FaultyStorage::Operation::commit, .count = 1});
  const ModeChange done = ok(host.evaluate(enter(Mode::safe)));
  change([&](OwedCallback& call) { call.claim_for("another", kLimits, clock.now()); },
         done.after.writer);
  ModeState state = done.after;
  host.runner.make_calls(done, state, status);
  CHECK(calls.empty());
  CHECK(first_owed().claim == "another");
}

}  // namespace
}  // namespace rz::fallback
