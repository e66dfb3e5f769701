#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace rz::nemesis {

/// What is done to one program while it runs.
struct Mishap {
  /// `kill_in_callback`: once it has started a program, and that one with it, as when a unit is
  /// killed or the power goes.
  enum class Kind { none, kill, kill_in_callback, stop };
  Kind kind = Kind::none;
  std::chrono::microseconds after{0};    ///< From its start.
  std::chrono::milliseconds stopped{0};  ///< Of `stop`: how long until it goes on.
  std::string clock{};                   ///< How far its clock is off, as faketime has it: "+3d".
};

struct ProgramRun {
  std::vector<std::string> argv;
  std::vector<std::pair<std::string, std::string>> environment{};  ///< The whole of it.
  std::string folder;                                              ///< Its working folder.
  std::string host;  ///< The name of the machine that it sees, where that can be given.
  Mishap mishap{};
  /// No file may become larger (a full disk, where no small file system can be made).
  std::optional<std::size_t> max_file{};
};

struct ProgramEnd {
  int exit_code = 0;    ///< 128 + n if signal n ended it.
  bool killed = false;  ///< By the mishap.
  bool hung = false;    ///< Killed because it ran for ten minutes.
  std::string output;
  std::string error;
};

/// Runs a program to its end. Throws std::runtime_error where it cannot be started.
ProgramEnd run_program(const ProgramRun& run);

/// The library that moves a program's clock; nothing where it is not installed.
std::optional<std::string> faketime_library();

}  // namespace rz::nemesis
