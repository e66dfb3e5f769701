#pragma once

#include <string>
#include <utility>
#include <vector>

#include "rz/config/map_reader.h"

/// The sections of the file: each fills the options of one module. A new key is one line in one of
/// these, and a place in rz.yaml, rz.schema.json and rz.yaml(5), which a test demands.
namespace rz {

void read_storage(MapReader& map, StorageOptions& options);
/// The keys by which a Redis server is reached: `url password_file sentinel_user
/// sentinel_password_file tls`.
void read_connection(MapReader& map, StorageOptions& options);
void read_health(MapReader& map, HealthOptions& options);
/// `checks`, and that their names are unique and their dependencies known and free of cycles.
void read_checks(MapReader& map, std::vector<CheckSpec>& checks);
void read_sinks(MapReader& map, std::vector<SinkOptions>& sinks);
void read_conditions(MapReader& map, ConditionOptions& options);
/// `conditions` is the whitelist of actions and of the heuristic detector.
void read_fallback(MapReader& map, FallbackOptions& options, const ConditionOptions& conditions);

/// The whole file.
void read_config(MapReader& root, Config& config);

/// Where else a key of that name stands, as `under 'health'` or `at the top`; empty: nowhere.
std::string sections_with(std::string_view key);

/// Moves the flat keys of the old system (`redis_url timeout max_retries retry_delay` at the top)
/// into `storage`, where numbers without a unit become seconds; with one warning.
void adopt_flat_keys(YamlNode& root, Reader& reader);

/// The words that `type` takes, of a check and of a sink.
std::vector<std::string> check_types();
std::vector<std::string> sink_types();

/// A check's name and what it depends on, with their places.
struct CheckEntry {
  std::string name;
  Place place;
  std::vector<std::pair<std::string, Place>> depends_on;
};

/// Says which names are there twice, which dependencies are unknown, and which form a cycle. Where
/// the list is not `complete`, a check that could not be read may be the unknown one.
void check_dependencies(const std::vector<CheckEntry>& checks, bool complete, Reader& reader);

}  // namespace rz
