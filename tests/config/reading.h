#pragma once

#include <map>
#include <string>
#include <string_view>

#include "rz/config/config.h"
#include "support/temp_folder.h"

namespace rz::testing {

using Variables = std::map<std::string, std::string>;

/// An environment of these variables and no other.
config::EnvironmentLookup environment_of(Variables variables);

/// What the text `rz.yaml` says. Fails the test if it says anything wrong.
config::Config good(std::string_view text, const Variables& variables = {});

/// All that is wrong with the text `rz.yaml`, as a person reads it; empty if nothing is.
std::string wrong(std::string_view text, const Variables& variables = {});

/// The setting of `config` with this path; its value as JSON, then its origin.
std::string setting(const config::Config& config, std::string_view path);

/// A temporary folder that files are written into.
class Files : public TempFolder {
 public:
  /// Writes a file, makes the folders that it needs, and returns its path.
  std::string write(const std::string& name, std::string_view content) const;
};

}  // namespace rz::testing
