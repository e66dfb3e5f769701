#pragma once

#include <string>
#include <vector>

#include "rz/storage/storage.h"

namespace rz::storage {

/// How many calls errors_of_all_calls makes.
inline constexpr std::size_t kAllCalls = 13;

/// Calls everything that `storage` can do, and returns the errors in the order of the calls.
inline std::vector<Error> errors_of_all_calls(Storage& storage) {
  std::vector<Error> errors;
  const auto keep = [&errors](const auto& result) {
    if (!result) errors.push_back(result.error());
  };
  keep(storage.get("key"));
  keep(storage.get_many(std::vector<std::string>{"a", "b"}));
  keep(storage.set("key", "value", Millis{1'000}));
  keep(storage.remove("key"));
  keep(storage.exists("key"));
  keep(storage.scan_keys("*"));
  keep(storage.expire("key", Millis{1'000}));
  keep(storage.increment("key"));
  keep(storage.increment("key", 1, Millis{1'000}));
  keep(storage.commit(Batch().set("key", "value").append("log", TimePoint{}, "x")));
  keep(storage.read_log("log", {}));
  keep(storage.read_collection("c:"));
  keep(storage.health_check());
  return errors;
}

}  // namespace rz::storage
