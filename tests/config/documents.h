#pragma once

#include <set>
#include <string>
#include <vector>

#include "rz/config/config.h"

/// What the tests of the schema and of its documents compare.
namespace rz::testing {

using Keys = std::set<std::string>;

/// A file of the source tree.
std::string read_source(const std::string& path);
void write_source(const std::string& path, const std::string& content);

/// What only one of them has, a line each; empty if they are the same.
std::string difference(const Keys& have, const Keys& want);

/// What the loader records of a file in which each list has an entry of every kind and every
/// optional section is there: all keys, with their defaults. What must be given has null. An entry
/// of a list of kinds has its kind in the path: `health.checks[disk].path`.
std::vector<config::Setting> loader_settings();
/// `health.checks[disk].path` as `health.checks[].path`.
std::string without_kinds(const std::string& path);
/// Their paths, without kinds.
Keys loader_keys();

/// config/rz.yaml with its examples: lines that begin with '#' and no blank, or with more than one.
std::string with_examples(const std::string& text);

/// The examples of rz.yaml(5), as they are read.
std::vector<std::string> manual_examples();

/// Mappings whose keys are the user's.
bool has_keys_of_the_user(const std::string& path);

}  // namespace rz::testing
