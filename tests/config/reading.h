#pragma once

#include <map>
#include <string>
#include <string_view>

#include "rz/config/config.h"

namespace rz::testing {

using Variables = std::map<std::string, std::string>;

/// An environment of these variables and no other.
EnvironmentLookup environment_of(Variables variables);

/// What the text `rz.yaml` says. Fails the test if it says anything wrong.
Config good(std::string_view text, const Variables& variables = {});

/// All that is wrong with the text `rz.yaml`, as a person reads it; empty if nothing is.
std::string wrong(std::string_view text, const Variables& variables = {});

/// The setting of `config` with this path; its value as JSON, then its origin.
std::string setting(const Config& config, std::string_view path);

/// A new folder that is removed with everything in it.
class TemporaryFolder {
 public:
  TemporaryFolder();
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  const std::string& path() const { return path_; }
  /// Writes a file into it and returns its path.
  std::string write(const std::string& name, std::string_view content) const;

 private:
  std::string path_;
};

}  // namespace rz::testing
