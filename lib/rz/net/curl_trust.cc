#include "rz/net/curl_trust.h"

#include <openssl/ssl.h>
#include <sys/stat.h>

#include <string>

#include "rz/net/openssl_authorities.h"

namespace rz::net {
namespace {

// As libcurl has it: an authority that is trusted needs not be a root.
StorePtr known_store(const std::string& path) {
  return authorities_in(path, X509_V_FLAG_TRUSTED_FIRST | X509_V_FLAG_PARTIAL_CHAIN);
}

CURLcode use_trust(CURL*, void* context, void* user) noexcept {
  auto& trust = *static_cast<CurlTrust*>(user);
  auto* ssl_context = static_cast<SSL_CTX*>(context);
  trust.problem.watch(ssl_context);
  if (trust.file.empty()) return CURLE_OK;
  const StorePtr store = known_store(trust.file);
  // set1 takes a reference of its own.
  if (store) ::SSL_CTX_set1_cert_store(ssl_context, store.get());
  return store ? CURLE_OK : CURLE_SSL_CACERT_BADFILE;
}

const char* system_authorities() {
  const curl_version_info_data* version = curl_version_info(CURLVERSION_NOW);
  return version->age >= CURLVERSION_SEVENTH && version->cainfo != nullptr ? version->cainfo : "";
}

const char* file_of(const TlsOptions& options) {
  return options.ca.empty() ? system_authorities() : options.ca.c_str();
}

}  // namespace

void read_authorities(const TlsOptions& options) {
  if (options.verify) known_store(file_of(options));
}

void set_trust(CURL* easy, const TlsOptions& options, CurlTrust& trust) {
  if (!options.verify) {
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 0L);
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 0L);
  } else {
    curl_easy_setopt(easy, CURLOPT_SSL_CTX_FUNCTION, use_trust);
    curl_easy_setopt(easy, CURLOPT_SSL_CTX_DATA, &trust);
    const char* path = file_of(options);
    if (known_store(path)) {
      trust.file = path;
      curl_easy_setopt(easy, CURLOPT_CAINFO, nullptr);
      curl_easy_setopt(easy, CURLOPT_CAPATH, nullptr);
    } else if (!options.ca.empty()) {
      // A folder, or a file that cannot be read, of which libcurl says why.
      struct stat found {};
      const bool folder = ::stat(path, &found) == 0 && S_ISDIR(found.st_mode);
      curl_easy_setopt(easy, CURLOPT_CAINFO, folder ? nullptr : path);
      curl_easy_setopt(easy, CURLOPT_CAPATH, folder ? path : nullptr);
    }
  }
  if (options.cert.empty()) return;
  curl_easy_setopt(easy, CURLOPT_SSLCERT, options.cert.c_str());
  curl_easy_setopt(easy, CURLOPT_SSLKEY, options.key.c_str());
  // Without one, OpenSSL would ask for a passphrase on the terminal.
  curl_easy_setopt(easy, CURLOPT_KEYPASSWD, "");
}

}  // namespace rz::net
