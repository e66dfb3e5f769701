#pragma once

#include <string>
#include <utility>

#include "rz/storage/open_storage.h"

namespace rz::storage {

/// One that no message may show.
inline constexpr const char* kPassword = "hunter2";

/// `options`, for the store at `url`.
inline StorageOptions with_url(StorageOptions options, std::string url) {
  options.url = std::move(url);
  return options;
}

}  // namespace rz::storage
