#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "rz/config/config.h"
#include "rz/config/filled_in.h"
#include "rz/config/yaml.h"

namespace rz::config {

/// What all parts of reading one configuration share, and what they find.
class Reader {
 public:
  /// `name` is the file's name in messages; `text` is what the nodes were read from. Both must
  /// outlive the reader, and so must `environment`.
  Reader(const std::string& name, std::string_view text, const EnvironmentLookup& environment);

  void error(Place place, std::string message);
  void warn(Place place, const std::string& message);

  /// Remembers the effective value of a key; `from` is null for a default.
  void record(std::string path, Value value, const YamlNode* from);
  void record(std::string path, Value value, std::string origin);

  const EnvironmentLookup& environment() const { return environment_; }
  const std::string& folder() const { return folder_; }  ///< Where relative paths begin.

  /// What was filled in; no message shows it.
  FilledIn& filled_in() { return filled_in_; }

  /// The place in the file of the given line and column of a scalar's text. Where that cannot be
  /// told (a folded text, one with escapes), the place of the scalar.
  Place place_within(const YamlNode& scalar, std::size_t line, std::size_t column) const;

  /// Records that the environment outranks what was recorded last.
  void outrank_last(std::string origin);

  /// All diagnostics, in order of place.
  std::vector<Error> take_errors();
  Notices take_notices();
  std::vector<Setting> take_settings() { return std::move(settings_); }

 private:
  std::string at(Place place) const;

  const std::string& name_;
  std::string_view text_;
  const EnvironmentLookup& environment_;
  std::string folder_;
  std::vector<Diagnostic> diagnostics_;
  std::vector<Diagnostic> warnings_;
  FilledIn filled_in_;
  std::vector<Setting> settings_;
};

/// A value as a message names it: `the text 'yes'`, `a list`, `5`.
std::string describe(const YamlNode& node);

}  // namespace rz::config
