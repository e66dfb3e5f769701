#include "rz/base/programs_that_run.h"

#include <signal.h>

#include <array>
#include <atomic>
#include <chrono>
#include <thread>

namespace rz {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

// More than checks and callbacks run at a time. One that finds no place is not ended.
constexpr std::size_t kPlaces = 256;

// A handler of a signal can read it. 0: the place is free.
constinit std::array<std::atomic<pid_t>, kPlaces> g_groups{};

void replace(pid_t before, pid_t after) noexcept {
  for (std::atomic<pid_t>& place : g_groups) {
    pid_t expected = before;
    if (place.compare_exchange_strong(expected, after)) return;
  }
}

// Whether there was any.
bool signal_all(int signal) noexcept {
  bool any = false;
  for (const std::atomic<pid_t>& place : g_groups) {
    const pid_t group = place.load();
    if (group <= 0) continue;
    any = true;
    ::kill(-group, signal);
  }
  return any;
}

}  // namespace

void note_program(pid_t group) noexcept { replace(0, group); }
void forget_program(pid_t group) noexcept { replace(group, 0); }

SignalsHeld::SignalsHeld() {
  sigset_t all;
  ::sigfillset(&all);
  ::pthread_sigmask(SIG_BLOCK, &all, &before_);
}
SignalsHeld::~SignalsHeld() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

void end_programs() {
  if (!signal_all(SIGTERM)) return;
  const auto end = steady_clock::now() + milliseconds{1'000};
  // Whoever waits for a program forgets it once it has ended. Signal 0 only asks.
  while (steady_clock::now() < end && signal_all(0)) std::this_thread::sleep_for(milliseconds{10});
  kill_programs();
}

void kill_programs() noexcept { (void)signal_all(SIGKILL); }

}  // namespace rz
