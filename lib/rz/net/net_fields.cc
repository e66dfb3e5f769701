#include "rz/net/net_fields.h"

#include "rz/net/url.h"

namespace rz::net {

bool visit_address(FieldVisitor& fields, const Field& field, std::string& address) {
  const bool given = fields.text(field, address);
  if (!given || parse_host_port(address)) return given;
  const std::string example(field.example);
  fields.value_error(field.key, "is not an address; write it like " + example + " or [::1]:22",
                     "is not an address like " + example);
  return false;
}

void visit_tls(FieldVisitor& fields, TlsOptions& options, std::string_view unverified) {
  fields.path({"ca",
               "The trusted authorities: a file, or a folder as openssl rehash makes it. "
               "Default: the system's.",
               "ca.pem"},
              options.ca);
  fields.path({"cert", "The client's certificate chain; needs key.", "client.pem"}, options.cert);
  fields.path({"key", "Its private key; needs cert.", "client.key"}, options.key);
  fields.text({"server_name", "The name that is asked for and verified; empty: the host.", "redis"},
              options.server_name);
  fields.boolean({"verify", "Whether the certificate and its name are verified."}, options.verify);
  if (!options.verify && !unverified.empty()) fields.warn("verify", std::string(unverified));
  if (options.cert.empty() != options.key.empty()) {
    if (options.key.empty()) fields.error("cert", "needs 'key' beside it");
    if (options.cert.empty()) fields.error("key", "needs 'cert' beside it");
  }
}

bool asks_for_tls(const TlsOptions& options) {
  return !options.ca.empty() || !options.cert.empty() || !options.server_name.empty() ||
         !options.verify;
}

}  // namespace rz::net
