#include "framed.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <unistd.h>

#include "rz/base/file.h"
#include "support/temp_folder.h"

namespace rz::testing {
namespace {

/// A standard descriptor that goes to a file for a while.
class Caught {
 public:
  Caught(int fd, std::string path) : fd_(fd), path_(std::move(path)), saved_(::dup(fd)) {
    REQUIRE(write_file(path_, "").has_value());
    const UniqueFd file(::open(path_.c_str(), O_WRONLY | O_APPEND | O_CLOEXEC));
    REQUIRE(::dup2(file.get(), fd_) == fd_);
  }
  ~Caught() { release(); }
  Caught(const Caught&) = delete;
  Caught& operator=(const Caught&) = delete;

  std::string text() {
    release();
    const auto text = read_file(path_, 64 << 20);
    REQUIRE(text.has_value());
    return *text;
  }

 private:
  void release() {
    if (saved_) ::dup2(saved_.get(), fd_);
    saved_.reset();
  }

  int fd_;
  std::string path_;
  UniqueFd saved_;
};

}  // namespace

Framed run_framed(const std::vector<std::string>& arguments, const cli::Program& program) {
  std::vector<std::string> owned = {"rz-demo"};
  owned.insert(owned.end(), arguments.begin(), arguments.end());
  std::vector<char*> argv;
  for (std::string& argument : owned) argv.push_back(argument.data());
  argv.push_back(nullptr);

  const TempFolder folder;
  Caught output(STDOUT_FILENO, folder.path() + "/output");
  Caught error(STDERR_FILENO, folder.path() + "/error");
  const int code = cli::run_program(static_cast<int>(owned.size()), argv.data(), program);
  return {code, output.text(), error.text()};
}

Framed run_work(const std::vector<std::string>& arguments,
                const std::function<Result<int>(cli::Context&)>& work) {
  static const std::function<Result<int>(cli::Context&)>* current = nullptr;
  static constexpr cli::Command kCommands[] = {
      {.summary = "Show how a program is framed",
       .exits = "0 done",
       .schema = "rz.demo/1",
       .answer = "answer",
       .run = [](cli::Context& context, const cli::Arguments&) { return (*current)(context); }}};
  static constexpr cli::Program kProgram = {.name = "rz demo",
                                            .summary = "Show how a program is framed.",
                                            .examples = "rz demo",
                                            .commands = kCommands};
  current = &work;
  return run_framed(arguments, kProgram);
}

}  // namespace rz::testing
