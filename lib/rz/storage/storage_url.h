#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "rz/base/result.h"

namespace rz::storage {

/// What the parameters of a URL say about TLS, e.g. `rediss://host?ca=/etc/ssl/ca.pem`. A parameter
/// that is given outranks the same one of TlsOptions.
struct UrlTls {
  std::string ca{};
  std::string cert{};
  std::string key{};
  std::string server_name{};
  std::optional<bool> verify{};
};

/// A storage URL, taken apart. Its forms are those of storage_schemes(); `~/` before the path of an
/// SQLite file is the home folder, and one with TLS may end in
/// `?ca=/PATH&cert=/PATH&key=/PATH&server_name=NAME&verify=false`. `valkey`, `valkeys`,
/// `valkey+unix` … are the same as `redis`, `rediss`, `redis+unix` ….
struct StorageUrl {
  enum class Kind { memory, sqlite, redis, redis_unix, redis_sentinel, redis_cluster };

  Kind kind = Kind::memory;
  bool tls = false;
  std::string path;                                          ///< sqlite, redis_unix.
  std::vector<std::pair<std::string, std::uint16_t>> hosts;  ///< At least one for the TCP kinds.
  std::string user;
  std::string password;  ///< A secret: never in a message. `has_password` tells it from none.
  bool has_password = false;
  std::string master;  ///< redis_sentinel.
  int database = 0;
  UrlTls tls_parameters;
};

/// Errors: invalid_argument, with what is wrong and the form that is right; a password in `text`
/// is not in the message.
Result<StorageUrl> parse_storage_url(std::string_view text);

/// The URL without its password and parameters of TLS, for people: `redis://user@host:6379/0`.
std::string redact(const StorageUrl& url);

/// redact() of the URL `text`; of an invalid one the scheme alone: `redis://***`.
std::string redact_url(std::string_view text);

/// The folder for what belongs to this machine alone: `$XDG_STATE_HOME/rz`, else
/// `$HOME/.local/state/rz`; for root `/var/lib/rz`.
/// Errors: not_found if neither variable is set.
Result<std::string> default_state_folder();

/// `sqlite:` and `rz.db` in the state folder.
/// Errors: not_found, as there.
Result<std::string> default_storage_url();

/// The folder of root's store, if it exists and this process would use another store by default.
/// Two users of a machine with different stores do not see each other's modes and pins, so this is
/// worth a warning.
std::optional<std::string> passed_by_store_of_root();

}  // namespace rz::storage
