#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "rz/base/clock.h"
#include "rz/base/result.h"
#include "rz/storage/open_storage.h"
#include "rz/storage/storage.h"
#include "rz/storage/storage_url.h"

namespace rz::storage {

/// A scheme of storage URLs: all that the rest of rz knows of it.
struct StorageScheme {
  std::string_view name;  ///< What stands before the colon.
  StorageUrl::Kind kind;  ///< How the rest is read.
  bool tls;
  std::uint16_t port;         ///< Where the URL names none.
  std::string_view form;      ///< `redis://[USER[:PASSWORD]@]HOST[:PORT][/DB]`
  std::string_view example;   ///< `redis://localhost:6379/0`
  std::string_view sentence;  ///< What is behind it, a whole sentence.
  /// The store at `url`, which is `options.url` taken apart. `clock` must outlive it.
  Result<std::unique_ptr<Storage>> (*open)(const StorageUrl& url, const StorageOptions& options,
                                           Clock& clock);
};

/// Every scheme, in the order in which they are told. Each `valkey…` is another spelling of the
/// `redis…` of that name.
std::span<const StorageScheme> storage_schemes();

/// That of `url`.
const StorageScheme& scheme_of(const StorageUrl& url);

}  // namespace rz::storage
