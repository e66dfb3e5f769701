#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "rz/base/result.h"
#include "rz/config/config.h"

namespace rz::reports {

/// What was found in a configuration. The text says only that nothing is wrong: the command prints
/// errors as messages.
struct ConfigFindings {
  std::string path{};  ///< As it was given; empty: there is no file, and the defaults are used.
  std::string name{};  ///< What messages call it: the path, or `standard input`.
  std::vector<Error> errors{};
  std::vector<std::string> warnings{};
  std::size_t checks = 0;
  std::size_t rules = 0;
  bool says_nothing = false;  ///< The file gives no key a value.
};

/// A place where a configuration is looked for.
struct ConfigPlace {
  std::string path;
  std::string source;  ///< What names it: `--config`.
};

/// Which file is read, and where it was looked for. The text is the path alone.
struct ConfigSearch {
  std::string found{};  ///< Empty: none.
  std::vector<ConfigPlace> places{};
};

/// The value of every key that is in force. The text is a configuration file with the same meaning.
struct ConfigSettings {
  std::string path{};  ///< The file; empty: none was read.
  std::vector<config::Setting> settings{};
  bool origins = false;  ///< Whether it says where each value came from.
};

}  // namespace rz::reports
