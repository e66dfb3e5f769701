#include "rz/storage/storage_fields.h"

#include <string_view>

#include "rz/net/net_fields.h"
#include "rz/storage/storage_url.h"

namespace rz::storage {
namespace {

constexpr std::string_view kUnverified =
    "is off: anyone on the way to the server can read and change what is stored; trust the "
    "server's authority with tls.ca instead";

// A relative path begins in the folder of the configuration, like every path in it. A cron job and
// a person start in different folders and must use the same store.
void anchor(std::string& url, const FieldVisitor& fields) {
  constexpr std::string_view kScheme = "sqlite:";
  if (url.starts_with(kScheme)) {
    const std::string path = url.substr(kScheme.size());
    if (!path.starts_with("~/")) url = std::string(kScheme) + fields.resolved(path);
  }
}

void visit_url(FieldVisitor& fields, const Field& field, std::string& url) {
  if (!fields.url(field, url)) return;
  if (const auto parsed = parse_storage_url(url); !parsed) {
    fields.value_error(field.key, parsed.error().message, "is not a storage URL");
  } else if (parsed->kind == StorageUrl::Kind::sqlite) {
    anchor(url, fields);
  } else if (parsed->tls_parameters.verify == false) {
    fields.warn(field.key,
                "verify=false: the certificate is not verified; trust the server's authority "
                "with ca=/PATH instead");
  }
}

// Who names an authority means to be protected.
void refuse_clear_text(FieldVisitor& fields, const StorageOptions& options) {
  const auto url = parse_storage_url(options.url);
  if (!url || url->tls) return;
  const TlsOptions& tls = options.tls;
  const bool wanted = !tls.ca.empty() || !tls.cert.empty() || !tls.server_name.empty();
  const bool over_network = url->kind == StorageUrl::Kind::redis ||
                            url->kind == StorageUrl::Kind::redis_sentinel ||
                            url->kind == StorageUrl::Kind::redis_cluster;
  if (wanted && over_network) {
    fields.error("tls", "has no effect on this URL, which asks for no TLS; begin it with rediss");
  }
}

}  // namespace

void visit_connection(FieldVisitor& fields, const Field& url, StorageOptions& options) {
  visit_url(fields, url, options.url);
  fields.secret(
      {"password_file", "A file with the password, for a URL that has none.", "/run/secrets/redis"},
      options.password, "REDISCLI_AUTH");
  fields.text({"sentinel_user",
               "The user at the sentinels of redis+sentinel:, who have users of their own; empty: "
               "the default one."},
              options.sentinel_user);
  fields.secret({"sentinel_password_file", "A file with the password at the sentinels.",
                 "/run/secrets/sentinel"},
                options.sentinel_password);
  fields.section({"tls", "TLS, for rediss:, rediss+sentinel: and rediss+cluster: URLs."},
                 [&](FieldVisitor& tls) { net::visit_tls(tls, options.tls, kUnverified); });
  refuse_clear_text(fields, options);
}

void visit_fields(FieldVisitor& fields, StorageOptions& options) {
  visit_connection(fields,
                   {"url", "Where the state is kept. Default: an SQLite file of the user.",
                    "rediss://redis.internal:6379/0"},
                   options);
  const bool has_timeout =
      fields.duration({"timeout", "How long one try may take, connecting included."},
                      options.timeout, kTimeoutRange);
  fields.integer(
      {"max_retries", "How often an operation that may safely be repeated is tried again."},
      options.max_retries, {0, 100});
  fields.duration({"retry_delay",
                   "How long to wait before the first further try. It doubles each time, with "
                   "jitter, within the deadline."},
                  options.retry_delay, {Millis{0}, std::chrono::hours{1}});
  fields.duration({"deadline", "How long one operation may take with all its tries."},
                  options.deadline, kTimeoutRange);
  fields.text({"key_prefix",
               "Put before every key. On a Redis Cluster it must be a hash tag, like {rz}:, so "
               "that all keys share a slot."},
              options.key_prefix);
  if (has_timeout && options.timeout > options.deadline) {
    fields.warn("timeout", "is longer than the deadline, which ends every operation first");
  }
}

}  // namespace rz::storage
