#include "rz/suites/families.h"

#include "rz/suites/cond_suite.h"
#include "rz/suites/config_suite.h"
#include "rz/suites/fallback_suite.h"
#include "rz/suites/health_suite.h"
#include "rz/suites/reports_suite.h"
#include "rz/suites/start_suite.h"
#include "rz/suites/storage_suite.h"

namespace rz::suites {
namespace {

void append_to(std::vector<bench::Benchmark>& all, std::vector<bench::Benchmark> more) {
  for (bench::Benchmark& one : more) all.push_back(std::move(one));
}

std::vector<bench::Benchmark> stores(const SuiteOptions& options, StorageLoad load) {
  StorageOptions memory;
  memory.url = "memory:";
  std::vector<bench::Benchmark> all = storage_suite("memory", memory, load);
  append_to(all, temporary_sqlite_suite(load));
  if (options.redis) append_to(all, storage_suite("redis", *options.redis, load));
  return all;
}

constexpr Family kFamilies[] = {
    {"cond", [](const SuiteOptions&) { return cond_suite(); }},
    {"storage", [](const SuiteOptions& options) { return stores(options, StorageLoad::brief); }},
    {"fallback", [](const SuiteOptions&) { return fallback_suite(); }},
    {"health", [](const SuiteOptions&) { return health_suite(); }},
    {"config", [](const SuiteOptions&) { return config_suite(); }},
    {"reports", [](const SuiteOptions&) { return reports_suite(); }},
    {"start", [](const SuiteOptions& options) { return start_suite(options.rz); }},
};

}  // namespace

std::span<const Family> families() { return kFamilies; }

std::vector<bench::Benchmark> all_benchmarks(const SuiteOptions& options) {
  std::vector<bench::Benchmark> all;
  for (const Family& family : kFamilies) append_to(all, family.make(options));
  return all;
}

std::vector<bench::Benchmark> storage_benchmarks(const SuiteOptions& options) {
  return stores(options, StorageLoad::full);
}

}  // namespace rz::suites
