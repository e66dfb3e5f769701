#include "rz/net/curl_trust.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/stat.h>

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <tuple>

namespace rz::net {
namespace {

struct StoreDeleter {
  void operator()(X509_STORE* store) const { ::X509_STORE_free(store); }
};
using StorePtr = std::unique_ptr<X509_STORE, StoreDeleter>;

/// Which content of a file was read.
struct FileState {
  ino_t inode = 0;
  off_t size = 0;
  time_t seconds = 0;
  long nanoseconds = 0;

  bool operator==(const FileState&) const = default;
};

struct KnownStore {
  FileState state;
  StorePtr store;
};

StorePtr read_store(const std::string& path) {
  StorePtr store(::X509_STORE_new());
  if (!store || ::X509_STORE_load_file(store.get(), path.c_str()) != 1) {
    ::ERR_clear_error();
    return nullptr;
  }
  // As libcurl has it: an authority that is trusted needs not be a root.
  ::X509_STORE_set_flags(store.get(), X509_V_FLAG_TRUSTED_FIRST | X509_V_FLAG_PARTIAL_CHAIN);
  return store;
}

// The authorities in the file `path`, which the cache goes on owning; nullptr if it is no such
// file.
X509_STORE* known_store(const std::string& path) {
  struct stat found {};
  if (::stat(path.c_str(), &found) != 0 || !S_ISREG(found.st_mode)) return nullptr;
  const FileState state{found.st_ino, found.st_size, found.st_mtim.tv_sec, found.st_mtim.tv_nsec};
  // Never destroyed: threads that were left behind may come here while the process ends.
  static std::mutex& mutex = *new std::mutex;
  static auto& stores = *new std::map<std::string, KnownStore>;
  const std::lock_guard lock(mutex);
  KnownStore& known = stores[path];
  if (!known.store || known.state != state) known = {state, read_store(path)};
  // The caller's reference: another one may replace the store meanwhile.
  if (known.store) ::X509_STORE_up_ref(known.store.get());
  return known.store.get();
}

CURLcode use_store(CURL*, void* context, void* path) noexcept {
  // set1 takes a reference of its own.
  const StorePtr store(known_store(static_cast<const char*>(path)));
  if (store) ::SSL_CTX_set1_cert_store(static_cast<SSL_CTX*>(context), store.get());
  return store ? CURLE_OK : CURLE_SSL_CACERT_BADFILE;
}

const char* system_authorities() {
  const curl_version_info_data* version = curl_version_info(CURLVERSION_NOW);
  return version->age >= CURLVERSION_SEVENTH && version->cainfo != nullptr ? version->cainfo : "";
}

}  // namespace

void set_trust(CURL* easy, const TlsOptions& options) {
  if (!options.verify) {
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 0L);
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 0L);
  } else {
    const char* path = options.ca.empty() ? system_authorities() : options.ca.c_str();
    if (StorePtr(known_store(path))) {
      curl_easy_setopt(easy, CURLOPT_CAINFO, nullptr);
      curl_easy_setopt(easy, CURLOPT_CAPATH, nullptr);
      curl_easy_setopt(easy, CURLOPT_SSL_CTX_FUNCTION, use_store);
      curl_easy_setopt(easy, CURLOPT_SSL_CTX_DATA, path);
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
