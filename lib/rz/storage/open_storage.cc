#include "rz/storage/open_storage.h"

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <utility>

#include "rz/storage/storage_schemes.h"

namespace rz {

Result<std::unique_ptr<Storage>> open_storage(const StorageOptions& options, Clock& clock) {
  StorageOptions named = options;
  if (named.url.empty()) {
    Result<std::string> url = storage::default_storage_url();
    if (!url) return fail(std::move(url).error());
    named.url = *std::move(url);
  }
  const Result<storage::StorageUrl> url = storage::parse_storage_url(named.url);
  if (!url) return fail(url.error());
  return storage::scheme_of(*url).open(*url, named, clock);
}

std::string store_identity(const StorageOptions& options) {
  const auto text = options.url.empty() ? storage::default_storage_url() : options.url;
  auto url = text ? storage::parse_storage_url(*text) : fail(text.error());
  if (!url || url->kind == storage::StorageUrl::Kind::memory) return {};
  // The identity says where the store is, not how it is reached: user and TLS may be changed while
  // a spool waits for the store.
  url->user.clear();
  url->tls = false;
  std::sort(url->hosts.begin(), url->hosts.end());
  std::string identity = storage::redact(*url);
  if (url->kind == storage::StorageUrl::Kind::sqlite) {
    // By its name alone. Links are not followed, since what they lead to may be away just when the
    // identity is needed to find what this host knew of the store.
    std::error_code error;
    const auto path = std::filesystem::absolute(url->path, error);
    identity = "sqlite:" + (error ? url->path : path.lexically_normal().string());
  }
  return options.key_prefix.empty() ? identity : identity + " " + options.key_prefix;
}

}  // namespace rz
