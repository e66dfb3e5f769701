#include "rz/config/expansion.h"
#include "rz/config/sections.h"
#include "rz/storage/storage_url.h"

namespace rz {
namespace {

constexpr std::string_view kPasswordVariable = "REDISCLI_AUTH";

constexpr const char* kUnverified =
    "is off: whoever is between can read and change what is stored; trust the server's authority "
    "with tls.ca instead";

void read_tls(MapReader& map, TlsOptions& options) {
  map.path("ca", options.ca);
  map.path("cert", options.cert);
  map.path("key", options.key);
  map.text("server_name", options.server_name);
  map.boolean("verify", options.verify);
  if (!options.verify) map.warn("verify", kUnverified);
  if (options.cert.empty() != options.key.empty()) {
    if (options.key.empty()) map.error("cert", "needs 'key' beside it");
    if (options.cert.empty()) map.error("key", "needs 'cert' beside it");
  }
}

void read_sentinel(MapReader& map, StorageOptions& options) {
  map.text("sentinel_user", options.sentinel_user);
  std::string file;
  if (!map.path("sentinel_password_file", file)) return;
  auto secret = read_secret(file);
  if (secret) options.sentinel_password = *std::move(secret);
  if (!secret) {
    map.value_error("sentinel_password_file", to_string(secret.error()), "cannot be read");
  }
}

// The environment beats the file, as everywhere.
void read_password(MapReader& map, std::string& password) {
  std::string file;
  const bool given = map.path("password_file", file);
  const auto variable = map.reader().environment()(std::string(kPasswordVariable));
  if (variable && !variable->empty()) {
    password = *variable;
    map.reader().outrank_last("environment " + std::string(kPasswordVariable));
  } else if (given) {
    auto secret = read_secret(file);
    if (secret) password = *std::move(secret);
    if (!secret) map.value_error("password_file", to_string(secret.error()), "cannot be read");
  }
}

// Seen from the folder of the configuration, like every path in it: a cron job and a person start
// in different folders, and must find one store.
void anchor(std::string& url, const std::string& folder) {
  constexpr std::string_view kScheme = "sqlite:";
  if (url.starts_with(kScheme)) {
    const std::string path = url.substr(kScheme.size());
    if (!path.starts_with("~/")) url = std::string(kScheme) + resolve_path(path, folder);
  }
}

}  // namespace

void read_connection(MapReader& map, StorageOptions& options) {
  if (map.url("url", options.url)) {
    if (const auto parsed = parse_storage_url(options.url); !parsed) {
      map.value_error("url", parsed.error().message, "is not a storage URL");
    } else if (parsed->kind == StorageUrl::Kind::sqlite) {
      anchor(options.url, map.reader().folder());
    } else if (parsed->tls_parameters.verify == false) {
      map.warn("url",
               "verify=false: the certificate is not verified; trust the server's authority "
               "with ca=/PATH instead");
    }
  }
  read_password(map, options.password);
  read_sentinel(map, options);
  map.mapping("tls", [&](MapReader& tls) { read_tls(tls, options.tls); });
}

void read_storage(MapReader& map, StorageOptions& options) {
  read_connection(map, options);
  const bool has_timeout = map.duration("timeout", options.timeout, kTimeoutRange);
  map.integer("max_retries", options.max_retries, {0, 100});
  map.duration("retry_delay", options.retry_delay, {Millis{0}, std::chrono::hours{1}});
  map.duration("deadline", options.deadline, kTimeoutRange);
  map.text("key_prefix", options.key_prefix);
  if (has_timeout && options.timeout > options.deadline) {
    map.warn("timeout", "is longer than the deadline, which ends every operation first");
  }
}

}  // namespace rz
