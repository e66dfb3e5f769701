#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace rz::cli {

/// A line on stderr that shows the progress of long work to a person at a terminal: first after a
/// second, then a few times a second; it is removed at the end. Not thread-safe.
class Progress {
 public:
  /// Silent where stderr is not a terminal, or `quiet`.
  explicit Progress(bool quiet);
  ~Progress() { clear(); }
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  /// Whether it is time to show something again. Costs almost nothing if nothing is shown.
  bool due();
  void show(std::string_view text);
  /// Removes the line. Must be called before anything else is written to the terminal.
  void clear();

  std::chrono::duration<double> elapsed() const;

 private:
  using SteadyTime = std::chrono::steady_clock::time_point;
  const bool enabled_;
  const SteadyTime begin_;
  SteadyTime next_;
  bool shown_ = false;
};

/// A line on stderr that tells a person at a terminal what a blocking call waits for: shown after a
/// second, and removed at the end. Without a terminal it does nothing and costs nothing. One at a
/// time in a process.
class Waiting {
 public:
  /// `what`: `the checks`.
  Waiting(std::string what, bool quiet);
  ~Waiting();
  Waiting(const Waiting&) = delete;
  Waiting& operator=(const Waiting&) = delete;

  /// What is waited for from now on.
  void change(std::string what);
  /// Whether anybody is told.
  bool is_shown() const { return line_ != nullptr; }

  /// Removes the line, so that something else can be written to the terminal; it is shown again
  /// later.
  static void make_room();

 private:
  struct Line;
  std::unique_ptr<Line> line_;
};

/// ` 41 % 12.3 M records, 18.2 M/s 2 s left`, without the parts that are not known.
std::string describe_progress(std::uint64_t records, std::uint64_t consumed, std::uint64_t size,
                              std::chrono::duration<double> elapsed);

}  // namespace rz::cli
