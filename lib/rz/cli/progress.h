#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace rz::cli {

/// A line on stderr that tells how long work goes on, for a person at a terminal: not before it has
/// taken a second, a few times a second, and gone without a trace at the end. Not thread-safe.
class Progress {
 public:
  /// Silent where stderr is not a terminal, or `quiet`.
  explicit Progress(bool quiet);
  ~Progress() { clear(); }
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  /// Whether it is time to show something again; costs next to nothing where nothing is shown.
  bool due();
  void show(std::string_view text);
  /// Takes the line away: before anything else is written to the terminal.
  void clear();

  std::chrono::duration<double> elapsed() const;

 private:
  using SteadyTime = std::chrono::steady_clock::time_point;
  const bool enabled_;
  const SteadyTime begin_;
  SteadyTime next_;
  bool shown_ = false;
};

/// A line on stderr that tells what is waited for, while a call blocks: for a person at a terminal,
/// not before it has taken a second, and gone without a trace at the end. Elsewhere it does nothing
/// and costs nothing. One at a time in a process.
class Waiting {
 public:
  /// `what`: `the checks`.
  Waiting(std::string what, bool quiet);
  ~Waiting();
  Waiting(const Waiting&) = delete;
  Waiting& operator=(const Waiting&) = delete;

  /// Takes the line away for what else is written to the terminal meanwhile; it comes again.
  static void make_room();

 private:
  struct Line;
  std::unique_ptr<Line> line_;
};

/// `  41 %  12.3 M records, 18.2 M/s  2 s left`, the parts of it that can be known.
std::string describe_progress(std::uint64_t records, std::uint64_t consumed, std::uint64_t size,
                              std::chrono::duration<double> elapsed);

}  // namespace rz::cli
