#pragma once

#include <string>
#include <vector>

#include "rz/base/result.h"

namespace rz::testing {

/// One command of a golden file and what it must answer.
struct GoldenStep {
  std::string command;  ///< A line for /bin/sh.
  std::string output;   ///< Exact standard output.
  std::string error;    ///< Exact standard error.
  int exit_code = 0;
  int line = 0;  ///< Where it stands in its file.
};

/// A story on the command line: its steps share a home folder and a working folder that are new.
///
///     # a comment
///     $ rz cond eval 'severity >=' --var severity=1
///     ! condition:1:12: …          standard error
///     > true                       standard output
///     = 3                          the exit code, 0 where it is missing
struct GoldenFile {
  std::string path;
  std::vector<std::string> lines;  ///< Of the file, for rewriting it.
  std::vector<GoldenStep> steps;
};

GoldenFile read_golden(const std::string& path);

/// The same file with `steps` as they really were.
std::string render_golden(const GoldenFile& file, const std::vector<GoldenStep>& steps);

/// Runs `command` in /bin/sh in `folder`, as a user would who has nothing but rz on PATH: HOME and
/// the XDG folders are inside `folder`, no RZ_ variable is set, the terminal is 80 columns wide.
/// The text of `folder` in the output reads `$HOME`, that of the source tree `$SOURCE`.
GoldenStep run_step(const std::string& command, const std::string& folder);

}  // namespace rz::testing
