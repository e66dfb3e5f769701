#include "rz/base/programs_that_run.h"

#include <poll.h>
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

// Whoever starts a program first counts itself, then asks whether it may; whoever ends them first
// forbids it, then waits for those that are counted. So one of the two sees the other.
constinit std::atomic<int> g_starting{0};
constinit std::atomic<bool> g_forbidden{false};

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

// Every program that was started is noted after this. A thread that is not given the processor for
// so long is waited for in vain.
void forbid_starts() noexcept {
  constexpr int kLongestMs = 10'000;
  g_forbidden = true;
  for (int i = 0; i < kLongestMs && g_starting > 0; ++i) ::poll(nullptr, 0, 1);
}

}  // namespace

ProgramStart::ProgramStart() noexcept {
  sigset_t all;
  ::sigfillset(&all);
  ::pthread_sigmask(SIG_SETMASK, &all, &before_);
  ++g_starting;
}

ProgramStart::~ProgramStart() {
  --g_starting;
  ::pthread_sigmask(SIG_SETMASK, &before_, nullptr);
}

bool ProgramStart::is_allowed() const noexcept { return !g_forbidden; }

void note_program(pid_t group) noexcept { replace(0, group); }
void forget_program(pid_t group) noexcept { replace(group, 0); }

void end_programs() {
  forbid_starts();
  if (!signal_all(SIGTERM)) return;
  const auto end = steady_clock::now() + milliseconds{1'000};
  // Whoever waits for a program forgets it once it has ended. Signal 0 only asks.
  while (steady_clock::now() < end && signal_all(0)) std::this_thread::sleep_for(milliseconds{10});
  kill_programs();
}

void kill_programs() noexcept {
  forbid_starts();
  (void)signal_all(SIGKILL);
}

void allow_programs() noexcept { g_forbidden = false; }

}  // namespace rz
