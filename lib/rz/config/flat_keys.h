#pragma once

#include <span>
#include <string_view>

#include "rz/config/reader.h"

namespace rz::config {

/// A key of the old system, at the top of the file, that is now one of `storage`.
struct FlatKey {
  std::string_view old_name;
  std::string_view name;  ///< In `storage`.
  bool seconds;           ///< A number without a unit is seconds.
};

std::span<const FlatKey> flat_keys();

/// Moves the flat keys into `storage`, with one warning.
void adopt_flat_keys(YamlNode& root, Reader& reader);

}  // namespace rz::config
