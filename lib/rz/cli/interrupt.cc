#include "rz/cli/interrupt.h"

#include <csignal>
#include <initializer_list>

namespace rz::cli {
namespace {

volatile std::sig_atomic_t g_signal = 0;

void note(int signal) { g_signal = signal; }

void install(void (*handler)(int)) {
  struct sigaction action {};
  action.sa_handler = handler;
  // The handler works once: a second signal ends the program at once.
  action.sa_flags = static_cast<int>(SA_RESETHAND);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
    // A signal that was ignored at the start (by nohup, or for a background job of a shell) stays
    // ignored.
    struct sigaction before {};
    ::sigaction(signal, nullptr, &before);
    if (before.sa_handler != SIG_IGN) ::sigaction(signal, &action, nullptr);
  }
}

}  // namespace

Interrupt::Interrupt() { install(note); }
Interrupt::~Interrupt() { install(SIG_DFL); }
bool Interrupt::asked() const { return g_signal != 0; }
int Interrupt::exit_code() const { return 128 + g_signal; }

}  // namespace rz::cli
