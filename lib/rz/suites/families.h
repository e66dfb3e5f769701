#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "rz/bench/benchmark.h"
#include "rz/storage/open_storage.h"

/// What rz measures of itself: a family of benchmarks for each of its hot paths.
namespace rz::suites {

/// What the families need to know.
struct SuiteOptions {
  std::optional<StorageOptions> redis{};  ///< The Redis to measure; nothing: none is named.
  std::string rz = "rz";                  ///< The dispatcher's path.
};

/// A family of benchmarks, whose names begin with its name and a slash.
struct Family {
  std::string_view name;
  std::vector<bench::Benchmark> (*make)(const SuiteOptions& options);
};

/// All families, in the order in which they are reported. A row registers one.
std::span<const Family> families();

/// The benchmarks of all families, one after the other.
std::vector<bench::Benchmark> all_benchmarks(const SuiteOptions& options);

/// Those of the stores alone, with more load.
std::vector<bench::Benchmark> storage_benchmarks(const SuiteOptions& options);

}  // namespace rz::suites
