#pragma once

#include <openssl/ssl.h>

#include <string>

#include "rz/base/result.h"

namespace rz {

/// Why a server's certificate is refused, kept while OpenSSL looks at it. Its address must not
/// change once it watches.
struct CertificateFlaw {
  std::string host;  ///< Whom the certificate must be for.
  long reason = 0;   ///< X509_V_ERR_…; 0: none was found.
  /// Of the certificate that is refused, ready to be shown.
  std::string subject{};
  std::string names{};
  std::string not_before{};
  std::string not_after{};

  /// Has `ssl` verify the other side's certificate, if `verify`, and note here what is wrong.
  void watch(SSL* ssl, bool verify);
};

/// Translates `code`, of OpenSSL's queue of errors; 0 means that the other side closed.
Error translate_openssl_error(unsigned long code, const CertificateFlaw& flaw);

}  // namespace rz
