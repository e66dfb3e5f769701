#pragma once

#include <openssl/ssl.h>

#include <string>

#include "rz/base/result.h"

namespace rz::net {

/// Why a server's certificate was refused, noted while OpenSSL verifies it. Its address must not
/// change after watch(), since OpenSSL keeps it.
struct CertificateProblem {
  std::string host;     ///< The name or address that the certificate must be for.
  long reason = 0;      ///< X509_V_ERR_…; 0: no problem was found.
  std::string names{};  ///< Of the server's own certificate; printable.
  /// Of the certificate that was refused; printable.
  std::string subject{};
  std::string not_before{};
  std::string not_after{};

  /// Makes `ssl` verify the other side's certificate, if `verify`, and note here what is wrong with
  /// it.
  void watch(SSL* ssl, bool verify);
  /// The same for the connection that is made with `context`.
  void watch(SSL_CTX* context);
};

/// That the certificate that `problem` has watched is for other names than `host`.
std::string other_host(const CertificateProblem& problem, const std::string& host);

/// Translates `code`, of OpenSSL's queue of errors; 0 means that the other side closed.
Error translate_openssl_error(unsigned long code, const CertificateProblem& problem);

}  // namespace rz::net
