#define DOCTEST_CONFIG_IMPLEMENT
#include <doctest/doctest.h>

#include <csignal>
#include <cstdlib>

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);  // As every rz program does: hiredis writes with plain write().
  ::setenv("NO_PROXY", "*", 1);   // A proxy of this machine must not answer for a test's server.
  doctest::Context context(argc, argv);
  context.setOption("no-intro", true);
  return context.run();
}
