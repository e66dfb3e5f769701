#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "rz/base/notices.h"
#include "rz/base/result.h"
#include "rz/base/value.h"
#include "rz/bench/http/load_options.h"
#include "rz/bench/limits.h"
#include "rz/cond/condition.h"
#include "rz/fallback/fallback_options.h"
#include "rz/health/health_monitor.h"
#include "rz/health/serve_options.h"
#include "rz/storage/open_storage.h"

namespace rz::config {

/// The value of one key that is in force, and why.
struct Setting {
  std::string path;    ///< `storage.timeout`, `health.checks[0].url`.
  Value value;         ///< As the file would write it: never a secret. Null: there is none.
  std::string origin;  ///< `default`, `FILE:LINE`, `environment NAME`.
};

/// Everything that a configuration file can set, as the options of each module.
struct Config {
  StorageOptions storage;
  HealthOptions health;
  FallbackOptions fallback;
  health::ServeOptions serve;
  ConditionOptions conditions;
  bench::Limits bench;
  bench::LoadOptions load;  ///< Of `rz bench http`.

  std::string path;               ///< The file it came from; empty: none, all defaults.
  Notices notices;                ///< What is odd about it: `file:line:column: …`.
  std::vector<Setting> settings;  ///< Every key, in the order of rz.yaml.
};

/// A variable of the environment; nothing if it is not set. Tests replace it.
using EnvironmentLookup = std::function<std::optional<std::string>(const std::string&)>;

/// The process's environment.
std::optional<std::string> process_environment(const std::string& name);

/// A place where a configuration is looked for.
struct ConfigCandidate {
  std::string path;
  std::string source;   ///< `--config`, `RZ_CONFIG`, `of the user`, `of the machine`.
  bool counts = false;  ///< It was named or it exists: the first such candidate is read.
};

/// Where find_config looks, in order.
std::vector<ConfigCandidate> config_candidates(const std::string& flag,
                                               const EnvironmentLookup& environment);

/// The file to read: `flag` if given, else RZ_CONFIG, `$XDG_CONFIG_HOME/rz/rz.yaml` (or
/// `~/.config/rz/rz.yaml`), `/etc/rz/rz.yaml`. The last two only if they exist; nothing if none
/// does.
std::optional<std::string> find_config(const std::string& flag,
                                       const EnvironmentLookup& environment);

/// Reads and checks the whole file; an empty path gives the defaults. Secrets (`${ENV}`,
/// `${file:PATH}`) are filled in.
/// Errors: config, with `file:line:column`. All that is wrong with the file is reported at once, a
/// line each.
Result<Config> load_config(const std::string& path,
                           const EnvironmentLookup& environment = process_environment);

/// The content of a file and everything that is wrong with it, each with its own place.
struct CheckedConfig {
  Config config;              ///< Valid only if there are no errors.
  std::vector<Error> errors;  ///< In order of place.
};

/// As load_config, with each error by itself.
CheckedConfig check_config(const std::string& path,
                           const EnvironmentLookup& environment = process_environment);

/// `errors`, of which there is at least one, as one error with a line for each. Beyond a number
/// that nobody reads, the rest are only counted.
Error join_errors(const std::vector<Error>& errors);

/// As load_config, from a text; `name` stands for the file in errors.
Result<Config> parse_config(std::string_view text, const std::string& name,
                            const EnvironmentLookup& environment = process_environment);

/// A YAML or JSON document (one of `cascade --state`, `cond --context`) as a Value, by the YAML 1.2
/// core schema. At most 200 levels, no aliases.
/// Errors: parse, with `where:line:column`.
Result<Value> parse_document(std::string_view text, std::string_view where);

}  // namespace rz::config
