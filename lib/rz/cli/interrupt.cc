#include "rz/cli/interrupt.h"

#include <csignal>
#include <initializer_list>

#include "rz/base/programs_that_run.h"
#include "rz/cli/screen.h"

namespace rz::cli {
namespace {

volatile std::sig_atomic_t g_signal = 0;

// The end at once: what would be left behind goes, and the signal does what it does by itself.
void die(int signal) {
  leave_screen();
  kill_programs();
  std::signal(signal, SIG_DFL);
  sigset_t this_one;
  ::sigemptyset(&this_one);
  ::sigaddset(&this_one, signal);
  ::raise(signal);
  ::pthread_sigmask(SIG_UNBLOCK, &this_one, nullptr);
}

void note(int signal) {
  if (g_signal != 0) die(signal);
  g_signal = signal;
}

void install(int signal, void (*handler)(int)) {
  // A signal that was ignored at the start (by nohup, or for a background job of a shell) stays
  // ignored.
  struct sigaction before {};
  ::sigaction(signal, nullptr, &before);
  if (before.sa_handler == SIG_IGN) return;
  struct sigaction action {};
  action.sa_handler = handler;
  ::sigaction(signal, &action, nullptr);
}

constexpr int kNoted[] = {SIGINT, SIGTERM, SIGHUP};

}  // namespace

Interrupt::Interrupt() {
  for (const int signal : kNoted) install(signal, note);
  install(SIGQUIT, die);
}

Interrupt::~Interrupt() {
  for (const int signal : kNoted) install(signal, SIG_DFL);
  install(SIGQUIT, SIG_DFL);
}

bool Interrupt::asked() const { return g_signal != 0; }
int Interrupt::exit_code() const { return 128 + g_signal; }

}  // namespace rz::cli
