#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <fstream>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "rz/fallback/mode.h"

namespace rz::nemesis {

/// Microseconds since the start of the run, by a clock that nobody moves.
using Moment = std::int64_t;
constexpr Moment kNever = INT64_MAX;

enum class Action { set, release, evaluate, status, list, prune, import };

/// What a program of the cascade printed as JSON.
struct Answer {
  Mode mode = Mode::primary;
  Mode previous = Mode::primary;
  bool changed = false;
  std::string reason{};
  std::int64_t epoch = 0;
  std::optional<std::int64_t> since{};  ///< Microseconds since 1970.
  bool long_pin = false;                ///< Pinned for longer than any clock of a program jumps.
  bool offline = false;
  bool unrecorded = false;
  bool store_lost = false;
  std::int64_t spooled = 0;
};

/// One program that was run, and what came of it.
struct Command {
  int host = 0;
  int worker = 0;
  Action action = Action::status;
  std::vector<std::string> argv{};
  std::string clock{};           ///< How far its clock was off.
  std::string mishap{};          ///< "kill", "kill in callback", "stop" or nothing.
  std::optional<Mode> wanted{};  ///< What it asks for: the mode of set, or of its health state.
  bool long_pin = false;         ///< Whether it pins for longer than any clock jumps.
  bool gate = false;             ///< Whether its exit code is the mode.
  std::string reason{};          ///< That no other command has; empty: it cannot give one.
  std::vector<std::string> imported{};  ///< The reasons of the records that it imports.
  Moment start = 0;
  Moment end = 0;
  int exit_code = 0;
  bool killed = false;
  bool hung = false;
  std::string output{};
  std::string error{};
  std::optional<Answer> answer{};

  /// Answered, and the exit code is that of an answer.
  bool answered() const;
  /// Answered from the store, with nothing to remark: store and host know what was answered.
  bool clean() const;
};

/// A span of a fault; of an instant one it is the time that it took.
struct Fault {
  std::string kind;
  std::string detail{};
  Moment start = 0;
  Moment end = kNever;
};

/// The store forgot: it was emptied, or an older copy of it was put in its place.
struct Loss {
  Moment start = 0;
  Moment end = 0;
  Moment copied = -1;  ///< When the copy was taken; -1: emptied.
  /// No record that was left has a higher epoch.
  std::int64_t epoch = 0;
};

/// All that happened, in memory for the judge and in a file (a JSON line each) for people.
/// Thread-safe.
class Journal {
 public:
  explicit Journal(const std::string& path);

  Moment now() const;
  /// Reads the answer out of what was printed.
  Command add(Command command);
  std::size_t begin(std::string kind, std::string detail = {});
  void end(std::size_t fault);
  void add(const Loss& loss);
  /// A fault of a single program, which is only counted.
  void count(const std::string& kind);

  /// How many programs have ended.
  int commands() const { return commands_; }
  /// Waits until one more has, or some milliseconds have passed.
  void wait_for_command(int seen) const;

  // Once nobody adds any more.
  const std::vector<Command>& all_commands() const { return all_; }
  const std::vector<Fault>& faults() const { return faults_; }
  const std::vector<Loss>& losses() const { return losses_; }
  std::map<std::string, int> fault_counts() const;

 private:
  void write(const std::string& line);

  const std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
  mutable std::mutex mutex_;
  std::atomic<int> commands_ = 0;
  std::ofstream file_;
  std::vector<Command> all_;
  std::vector<Fault> faults_;
  std::vector<Loss> losses_;
  std::map<std::string, int> counts_;
};

}  // namespace rz::nemesis
