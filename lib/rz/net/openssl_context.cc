#include "rz/net/openssl_context.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <system_error>
#include <utility>

#include "rz/base/file.h"
#include "rz/base/text.h"
#include "rz/net/openssl_authorities.h"

namespace rz::net {
namespace {

namespace fs = std::filesystem;

Result<void> wrong_file(const std::string& path, const std::string& what) {
  return fail(ErrorCode::invalid_argument, what, path);
}

Result<void> check_readable(const std::string& path) {
  if (::access(path.c_str(), R_OK) == 0) return {};
  return wrong_file(path, "cannot read: " + errno_text(errno));
}

// `1a2b3c4d.0`: the name under which OpenSSL looks for an authority in a folder.
bool is_hash_name(const std::string& name) {
  constexpr std::size_t kHashSize = 8;
  const auto is_hex = [](char c) { return is_digit(c) || (c >= 'a' && c <= 'f'); };
  return name.size() > kHashSize + 1 && name[kHashSize] == '.' &&
         std::all_of(name.begin(), name.begin() + kHashSize, is_hex);
}

Result<void> trust_folder(SSL_CTX* context, const std::string& path) {
  std::error_code error;
  bool usable = false;
  for (fs::directory_iterator at(path, error), end; !error && at != end; at.increment(error)) {
    usable |= is_hash_name(at->path().filename().string());
  }
  if (error) return wrong_file(path, "cannot read: " + error.message());
  if (!usable) {
    return wrong_file(path,
                      "holds no certificate under a name like 1a2b3c4d.0, by which OpenSSL finds "
                      "it; run `openssl rehash` on it");
  }
  if (::SSL_CTX_load_verify_dir(context, path.c_str()) == 1) return {};
  return wrong_file(path, "cannot be used as the folder of trusted authorities");
}

Result<void> trust(SSL_CTX* context, const std::string& ca) {
  if (ca.empty()) {
    if (::SSL_CTX_set_default_verify_paths(context) == 1) return {};
    return fail(ErrorCode::unavailable,
                "cannot use the system's trusted authorities; install ca-certificates, or name "
                "them as 'ca'");
  }
  if (auto readable = check_readable(ca); !readable) return readable;
  std::error_code ignored;
  if (fs::is_directory(ca, ignored)) return trust_folder(context, ca);
  if (const StorePtr store = authorities_in(ca, X509_V_FLAG_TRUSTED_FIRST)) {
    ::SSL_CTX_set1_cert_store(context, store.get());
    return {};
  }
  return wrong_file(ca, "holds no certificate in PEM; name a file with trusted authorities");
}

Result<void> use_certificate(SSL_CTX* context, const TlsOptions& options) {
  if (options.cert.empty() && options.key.empty()) return {};
  if (options.cert.empty() || options.key.empty()) {
    return fail(ErrorCode::invalid_argument,
                "a client certificate and its key belong together; give both 'cert' and 'key'");
  }
  for (const std::string& path : {options.cert, options.key}) {
    if (auto readable = check_readable(path); !readable) return readable;
  }
  if (::SSL_CTX_use_certificate_chain_file(context, options.cert.c_str()) != 1) {
    return wrong_file(options.cert, "holds no certificate in PEM");
  }
  if (::SSL_CTX_use_PrivateKey_file(context, options.key.c_str(), SSL_FILETYPE_PEM) == 1) return {};
  // OpenSSL compares the key with the certificate when it loads it; only that error is of its X509
  // library.
  const bool other = ERR_GET_LIB(::ERR_peek_last_error()) == ERR_LIB_X509;
  return wrong_file(options.key, other ? "is not the key of the certificate " + options.cert
                                       : "holds no private key in PEM without a passphrase");
}

// Without this callback OpenSSL would ask for a passphrase on the terminal.
int no_passphrase(char*, int, int, void*) { return -1; }

}  // namespace

Result<ContextPtr> make_client_context(const TlsOptions& options) {
  ContextPtr context(::SSL_CTX_new(::TLS_client_method()));
  if (!context) return fail(ErrorCode::unavailable, "OpenSSL cannot be initialized");
  ::SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
  // One read takes all that has arrived, instead of one read for each record's header and body.
  ::SSL_CTX_set_read_ahead(context.get(), 1);
  ::SSL_CTX_set_default_passwd_cb(context.get(), no_passphrase);
  if (options.verify) {
    if (auto trusted = trust(context.get(), options.ca); !trusted) return fail(trusted.error());
  }
  if (auto used = use_certificate(context.get(), options); !used) return fail(used.error());
  return context;
}

Result<void> name_host(SSL* ssl, const std::string& host, bool verify) {
  X509_VERIFY_PARAM* rules = ::SSL_get0_param(ssl);
  // Certificates name no zones, as in fe80::1%eth0.
  const std::string address = host.substr(0, host.find('%'));
  ASN1_OCTET_STRING* parsed = ::a2i_IPADDRESS(address.c_str());
  const bool is_address = parsed != nullptr;
  ::ASN1_OCTET_STRING_free(parsed);
  bool set = true;
  // The server name of the handshake may not be an address (RFC 6066, section 3).
  if (!is_address) set = ::SSL_set_tlsext_host_name(ssl, host.c_str()) == 1;
  if (set && verify) {
    ::X509_VERIFY_PARAM_set_hostflags(rules, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    set = is_address ? ::X509_VERIFY_PARAM_set1_ip_asc(rules, address.c_str()) == 1
                     : ::SSL_set1_host(ssl, host.c_str()) == 1;
  }
  if (set) return {};
  return fail(ErrorCode::invalid_argument,
              "'" + host + "' is not a name or an address that a certificate can be for");
}

}  // namespace rz::net
