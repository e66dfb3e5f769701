#define DOCTEST_CONFIG_IMPLEMENT
#include <doctest/doctest.h>

#include <csignal>

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);  // As every rz program does: hiredis writes with plain write().
  doctest::Context context(argc, argv);
  context.setOption("no-intro", true);
  return context.run();
}
