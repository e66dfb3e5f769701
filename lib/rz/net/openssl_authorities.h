#pragma once

#include <openssl/ssl.h>

#include <memory>
#include <string>

namespace rz::net {

struct StoreDeleter {
  void operator()(X509_STORE* store) const { ::X509_STORE_free(store); }
};
using StorePtr = std::unique_ptr<X509_STORE, StoreDeleter>;

/// The authorities in the file `path`, to be verified by as `flags` (X509_V_FLAG_…) say. A file is
/// read once, which takes OpenSSL 10 ms and more for that of a system, and again when it has
/// changed. Nullptr if it is no file with certificates in PEM. Thread-safe; the caller may share
/// what it gets, and changes nothing in it.
StorePtr authorities_in(const std::string& path, unsigned long flags);

}  // namespace rz::net
