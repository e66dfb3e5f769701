#include "rz/base/process.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <string>
#include <thread>
#include <vector>

#include "rz/base/file.h"
#include "rz/base/text.h"
#include "support/patience.h"
#include "support/print.h"
#include "support/results.h"
#include "support/temp_folder.h"

namespace rz {
namespace {

ProcessResult run(ProcessOptions options) { return ok(run_process(options)); }

/// What a script of the shell does, which is just another program here.
ProcessOptions script(const std::string& text) { return {.argv = {"/bin/sh", "-c", text}}; }

/// Whether no child is left, running or as a zombie.
bool is_childless() { return ::waitpid(-1, nullptr, WNOHANG) < 0 && errno == ECHILD; }

/// An executable file of that content.
std::string program(const TempFolder& folder, std::string_view content, mode_t mode = 0755) {
  REQUIRE(write_file(folder / "program", content, mode));
  return folder / "program";
}

TEST_CASE("output, errors and exit code come back apart") {
  const auto result = run(script("echo out; echo err >&2; exit 7"));
  CHECK(result.exit_code == 7);
  CHECK(result.output == "out\n");
  CHECK(result.error == "err\n");
  CHECK_FALSE(result.timed_out);
  CHECK_FALSE(result.truncated);
  CHECK(is_childless());
}

TEST_CASE("arguments reach the program byte for byte, and no shell sees them") {
  const TempFolder folder;
  const std::vector<std::string> tricky = {"a b",
                                           "$HOME",
                                           "`id`",
                                           "$(id)",
                                           ";",
                                           "*",
                                           "'\"",
                                           "a\nb",
                                           "\xff\x1b",
                                           "",
                                           "> " + (folder / "x")};
  ProcessOptions options{.argv = {"printf", "%s|"}};
  options.argv.insert(options.argv.end(), tricky.begin(), tricky.end());
  CHECK(run(options).output == join(tricky, "|") + "|");
  CHECK(::access((folder / "x").c_str(), F_OK) != 0);
}

TEST_CASE("a file without an interpreter's line is not handed to a shell") {
  const TempFolder folder;
  const std::string path = program(folder, "echo a shell ran\n");
  CHECK(error_of(run_process({.argv = {path}})) ==
        Error{ErrorCode::unavailable, "cannot run: Exec format error", path});
}

TEST_CASE("what cannot be run is told with its name") {
  const TempFolder folder;
  CHECK(error_of(run_process({.argv = {folder / "none"}})) ==
        Error{ErrorCode::not_found, "cannot run: No such file or directory", folder / "none"});
  const std::string path = program(folder, "#!/bin/sh\n", 0644);
  CHECK(error_of(run_process({.argv = {path}})) ==
        Error{ErrorCode::unavailable, "cannot run: Permission denied", path});
  CHECK(error_of(run_process({.argv = {"\x1b[31m"}})).where == "\\x1b[31m");
  CHECK(is_childless());
}

TEST_CASE("a command that the kernel could not carry is refused") {
  CHECK(code_of(run_process({})) == ErrorCode::invalid_argument);
  CHECK(code_of(run_process({.argv = {""}})) == ErrorCode::invalid_argument);
  CHECK(code_of(run_process({.argv = {"echo", std::string("a\0b", 3)}})) ==
        ErrorCode::invalid_argument);
  CHECK(code_of(run_process({.argv = {"true"}, .environment = {{"A", std::string("\0", 1)}}})) ==
        ErrorCode::invalid_argument);
}

TEST_CASE("the environment is inherited, with additions and replacements") {
  REQUIRE(::setenv("RZ_TEST_KEPT", "kept", 1) == 0);
  REQUIRE(::setenv("RZ_TEST_OLD", "old", 1) == 0);
  auto options = script("echo $RZ_TEST_KEPT $RZ_TEST_OLD $RZ_TEST_NEW; env | grep -c RZ_TEST_OLD");
  options.environment = {{"RZ_TEST_OLD", "replaced"}, {"RZ_TEST_NEW", "a=b"}};
  CHECK(run(options).output == "kept replaced a=b\n1\n");
  CHECK(std::getenv("RZ_TEST_NEW") == nullptr);
  ::unsetenv("RZ_TEST_KEPT");
  ::unsetenv("RZ_TEST_OLD");
}

TEST_CASE("a program inherits no descriptor but its three streams") {
  // As a library opens them, without O_CLOEXEC.
  const UniqueFd open(::open("/dev/null", O_RDONLY));
  REQUIRE(open);
  const std::string fd = std::to_string(open.get());
  CHECK(run(script("test -e /proc/self/fd/" + fd + " || echo closed")).output == "closed\n");
}

TEST_CASE("a program inherits what it is to inherit, in its order, from 3 on, and nothing else") {
  TempFolder folder;
  std::vector<UniqueFd> files;
  for (const char* name : {"a", "b"}) {
    files.emplace_back(::open((folder / name).c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
    REQUIRE(files.back());
  }
  const std::string write = "echo one >&3; echo two >&4; test -e /proc/self/fd/5 || echo no more";
  const auto is_written = [&] {
    CHECK(ok(read_file(folder / "a", 100)) == "one\n");
    CHECK(ok(read_file(folder / "b", 100)) == "two\n");
  };
  {
    const InheritedDescriptors passed_on(files);
    CHECK(run(script(write)).output == "no more\n");
    is_written();
    {
      const InheritedDescriptors none({});
      CHECK(run(script("test -e /proc/self/fd/3 || echo closed")).output == "closed\n");
    }
    CHECK(run(script("test -e /proc/self/fd/4 && echo open")).output == "open\n");
    std::thread([] {
      CHECK(run(script("test -e /proc/self/fd/3 || echo closed")).output == "closed\n");
    }).join();
  }
  CHECK(run(script("test -e /proc/self/fd/3 || echo closed")).output == "closed\n");
  CHECK_FALSE(::fcntl(files[0].get(), F_GETFD) < 0);
}

TEST_CASE("descriptors that are inherited do not take each other's place") {
  TempFolder folder;
  // The lowest numbers that are free are most often those that the program gets.
  std::vector<UniqueFd> files;
  for (const char* name : {"c", "b", "a"}) {
    files.emplace_back(::open((folder / name).c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
  }
  std::reverse(files.begin(), files.end());
  const InheritedDescriptors passed_on(files);
  run(script("echo 3 >&3; echo 4 >&4; echo 5 >&5"));
  CHECK(ok(read_file(folder / "a", 100)) == "3\n");
  CHECK(ok(read_file(folder / "b", 100)) == "4\n");
  CHECK(ok(read_file(folder / "c", 100)) == "5\n");
}

TEST_CASE("input is fed while output is read, however large both are") {
  std::string bytes;
  for (int i = 0; i < 1'000'000; ++i) bytes += static_cast<char>(i * 31);
  const auto result = run({.argv = {"cat"}, .input = bytes});
  CHECK(result.output == bytes);
  CHECK_FALSE(result.truncated);
  CHECK(run({.argv = {"cat"}}).output.empty());
}

TEST_CASE("a program that does not want its input is no reason to fail, nor to die of SIGPIPE") {
  ProcessOptions options{.argv = {"true"}, .input = std::string(1'000'000, 'x')};
  CHECK(run(options).exit_code == 0);
  sigset_t pending;
  ::sigpending(&pending);
  CHECK(::sigismember(&pending, SIGPIPE) == 0);
}

TEST_CASE("output beyond the limit is dropped and told, and the program ends by itself") {
  auto options = script("head -c 300000 /dev/zero; head -c 10 /dev/zero >&2; exit 3");
  options.max_output = 1'000;
  const auto result = run(options);
  CHECK(result.output == std::string(1'000, '\0'));
  CHECK(result.error == std::string(10, '\0'));
  CHECK(result.truncated);
  CHECK(result.exit_code == 3);

  options = script("printf 12345");
  options.max_output = 5;
  CHECK_FALSE(run(options).truncated);
  options.max_output = 0;
  CHECK(run(options).truncated);
}

TEST_CASE("one that is to be stopped is ended with all that it started, as at its timeout") {
  ProcessOptions options;
  options.argv = {"sh", "-c", "sleep 600 & echo started; wait"};
  options.timeout = test::kPatience;
  int asked = 0;
  options.stop = [&] { return ++asked > 1; };
  const auto ran = run_process(options);
  REQUIRE(ran);
  CHECK(ran->stopped);
  CHECK_FALSE(ran->timed_out);
  CHECK(ran->exit_code == 128 + SIGTERM);
}

TEST_CASE("a program that a signal ended has 128 and its number") {
  CHECK(run(script("kill -KILL $$")).exit_code == 128 + SIGKILL);
  CHECK(run(script("kill -TERM $$")).exit_code == 128 + SIGTERM);
  CHECK_FALSE(run(script("kill -TERM $$")).timed_out);
}

// With a timeout that is long enough for the program to have begun, however slow the machine is.
ProcessResult run_until_begun(ProcessOptions options) {
  for (options.timeout = Millis{300};; options.timeout *= 4) {
    auto result = run(options);
    if (result.output != "" || options.timeout > test::kPatience) return result;
  }
}

TEST_CASE("at the timeout the program is ended, and what it wrote until then is kept") {
  const auto result = run_until_begun(script("echo begun; exec sleep 600"));
  CHECK(result.timed_out);
  CHECK(result.exit_code == 128 + SIGTERM);
  CHECK(result.output == "begun\n");
  CHECK(is_childless());
}

TEST_CASE("a program that ignores SIGTERM gets SIGKILL, and its children with it") {
  const TempFolder folder;
  const std::string fifo = folder / "fifo";
  REQUIRE(::mkfifo(fifo.c_str(), 0600) == 0);
  const UniqueFd held(::open(fifo.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  const auto options = script("trap '' TERM; exec 9>" + fifo +
                              "; sleep 600 & echo begun; while :; do sleep 600; done");
  const auto result = run_until_begun(options);
  CHECK(result.timed_out);
  CHECK(result.exit_code == 128 + SIGKILL);
  CHECK(result.output == "begun\n");
  // The FIFO hangs up when the last of them is gone.
  pollfd hang_up{held.get(), POLLIN, 0};
  REQUIRE(::poll(&hang_up, 1, 60'000) == 1);
  CHECK((hang_up.revents & POLLHUP) != 0);
}

TEST_CASE("a program in the background that holds the output open is not waited for") {
  auto options = script("sleep 600 & echo $!");
  options.timeout = Millis{60'000};
  const auto result = run(options);
  CHECK(result.exit_code == 0);
  CHECK_FALSE(result.timed_out);
  const auto left = parse_int(trim(result.output));
  REQUIRE(left.has_value());
  ::kill(static_cast<pid_t>(*left), SIGKILL);
}

TEST_CASE("the program starts with no signal ignored or blocked, whatever this one does") {
  const auto handler = ::signal(SIGINT, SIG_IGN);
  sigset_t term, mask;
  ::sigemptyset(&term);
  ::sigaddset(&term, SIGTERM);
  ::pthread_sigmask(SIG_BLOCK, &term, &mask);
  const auto interrupted = run(script("kill -INT $$"));
  const auto terminated = run(script("kill -TERM $$"));
  ::pthread_sigmask(SIG_SETMASK, &mask, nullptr);
  ::signal(SIGINT, handler);
  CHECK(interrupted.exit_code == 128 + SIGINT);
  CHECK(terminated.exit_code == 128 + SIGTERM);
}

TEST_CASE("threads run programs side by side") {
  std::vector<std::string> outputs(4);
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    threads.emplace_back([&outputs, i] {
      const auto result = run_process({.argv = {"echo", std::to_string(i)}});
      if (result) outputs[i] = result->output;
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (std::size_t i = 0; i < outputs.size(); ++i) CHECK(outputs[i] == std::to_string(i) + "\n");
  CHECK(is_childless());
}

}  // namespace
}  // namespace rz
