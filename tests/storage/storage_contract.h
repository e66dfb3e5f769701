#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "rz/base/clock.h"
#include "rz/base/result.h"
#include "rz/storage/storage.h"

namespace rz::storage {

/// A store under test.
struct StorageBackend {
  /// Another handle on the backend's one store, which is empty at first. Usable from any thread.
  std::function<std::unique_ptr<Storage>()> open;

  /// Returns when at least so much time has passed for the store.
  std::function<void(Millis)> advance;

  /// Whether the store's time stands still but for `advance`: then every expiry is checked to the
  /// millisecond. Else only that what should be gone is gone.
  bool exact_time = true;
};

/// What every Storage promises (rz/storage/storage.h), a few hundred cases. Each part is called in
/// a test case of its own, which makes a fresh backend: the parts hold doctest subcases, and
/// doctest runs the test case anew for each of them.
///
///     TEST_CASE("memory: values") { check_values(make_backend()); }
void check_values(const StorageBackend& backend);
void check_expiry(const StorageBackend& backend);
void check_counters(const StorageBackend& backend);
void check_scans(const StorageBackend& backend);
void check_commits(const StorageBackend& backend);
void check_logs(const StorageBackend& backend);
void check_pages(const StorageBackend& backend);
void check_collections(const StorageBackend& backend);

/// So many microseconds after 1970.
inline TimePoint at(std::int64_t micros) { return TimePoint{Micros{micros}}; }

/// Strings that a careless engine gets wrong: empty, all 256 bytes, NUL, no UTF-8, glob characters
/// …
const std::vector<std::string>& awkward_strings();

}  // namespace rz::storage

/// Declares one test case for each part of the contract. `make_backend` is called for a fresh one.
#define RZ_TEST_STORAGE_CONTRACT(name, make_backend)                               \
  TEST_CASE(name " keeps and gives back values") { check_values(make_backend()); } \
  TEST_CASE(name " lets keys expire") { check_expiry(make_backend()); }            \
  TEST_CASE(name " counts") { check_counters(make_backend()); }                    \
  TEST_CASE(name " lists keys") { check_scans(make_backend()); }                   \
  TEST_CASE(name " commits all or nothing") { check_commits(make_backend()); }     \
  TEST_CASE(name " keeps logs") { check_logs(make_backend()); }                    \
  TEST_CASE(name " is read in pages") { check_pages(make_backend()); }             \
  TEST_CASE(name " keeps collections") { check_collections(make_backend()); }      \
  static_assert(true)
