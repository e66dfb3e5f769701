#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "rz/fallback/offline/host_time.h"
#include "rz/fallback/state_change.h"

namespace rz::fallback {

/// A change that was decided while the store was away, as it waits for it.
struct SpoolEntry : StateChange {
  /// A write to the store whose outcome is unknown and that was not acknowledged: another process
  /// had decided since, and the decision was made again from its state. It stays here, before all
  /// later decisions, until the store tells whether it took effect.
  bool attempt = false;
  /// The token of the attempt that this entry replaces; the entry is not written if the attempt
  /// took effect.
  std::string instead_of{};
  /// When it was decided, which tells how long a pin of it has held, whatever this host's clock
  /// said. Unknown in entries of an earlier rz.
  Uptime made{};

  bool operator==(const SpoolEntry&) const = default;
};

/// A line of JSON, without its end.
std::string encode(const SpoolEntry& entry);

/// Nothing if it cannot be read.
std::optional<SpoolEntry> decode_spool_entry(std::string_view line);

}  // namespace rz::fallback
