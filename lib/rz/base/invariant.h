#pragma once

namespace rz {

/// Ends the process at once, with the place and `message` on standard error: going on would lose
/// data or invent some. What is on the disk and in the store stays as the last commit left it, and
/// the next process finds it so. Never for what comes from outside: that is an Error.
[[noreturn]] void invariant_broken(const char* message, const char* file, int line);

/// States what must hold here, in every build. `message` says what was expected, in a sentence.
inline void require_invariant(bool holds, const char* message, const char* file = __builtin_FILE(),
                              int line = __builtin_LINE()) {
  if (!holds) [[unlikely]] {
    invariant_broken(message, file, line);
  }
}

}  // namespace rz
