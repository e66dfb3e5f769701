#pragma once

#include <memory>
#include <string>

#include "support/temp_folder.h"

namespace rz::test {

/// The PEM files of a certificate and its key.
struct CertificateFiles {
  std::string cert;
  std::string key;
};

/// A fresh authority and the certificates that it issues, in a folder that goes with it. Throws
/// std::runtime_error if OpenSSL fails.
class Certificates {
 public:
  Certificates();
  ~Certificates();

  /// PEM file of the authority.
  std::string ca() const { return folder_ / "ca.crt"; }
  /// A folder that holds it under the name of its hash, and nothing else.
  std::string ca_folder() const { return folder_ / "ca"; }
  const std::string& folder() const { return folder_.path(); }

  /// Issues a certificate for the subject CN=`name`. `names` as OpenSSL writes them, e.g.
  /// "DNS:redis.internal,IP:127.0.0.1"; valid from now plus `from_days`, for `days`.
  CertificateFiles issue(const std::string& name, const std::string& names, int from_days = -1,
                         int days = 30);

  /// The same through an authority between, valid for `between_days`, whose certificate the file
  /// has behind the first.
  CertificateFiles issue_through(const std::string& name, const std::string& names, int days,
                                 int between_days);

  /// One that has issued itself.
  CertificateFiles self_signed(const std::string& name, const std::string& names);

 private:
  struct Authority;
  CertificateFiles issue_by(const Authority& issuer, const std::string& name,
                            const std::string& names, int from_days, int days);

  TempFolder folder_;
  std::unique_ptr<Authority> authority_;
};

}  // namespace rz::test
