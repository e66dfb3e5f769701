#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "rz/fallback/history/transition.h"
#include "rz/fallback/mode_state.h"

namespace rz {

/// One decision that was made while the store was away.
struct SpoolEntry {
  ModeState before;  ///< What it was decided on.
  ModeState after;   ///< `writer` is the token by which its write is recognised in the store.
  std::optional<Transition> transition;  ///< Nothing: no record (a good evaluation, a call done).
  /// A write to the store whose outcome is unknown and that nobody was told of: another process was
  /// first, and it was decided anew on what that one had left. It stays here, before whatever was
  /// decided later, until the store says what became of it.
  bool attempt = false;
  /// The token of the attempt that this entry decided anew; it is not written if that one was.
  std::string instead_of{};

  bool operator==(const SpoolEntry&) const = default;
};

/// A line of JSON, without its end.
std::string encode(const SpoolEntry& entry);

/// Nothing if it cannot be read.
std::optional<SpoolEntry> decode_spool_entry(std::string_view line);

}  // namespace rz
