#include "support/certificates.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <fmt/format.h>
#include <cstdio>
#include <filesystem>
#include <functional>
#include <stdexcept>

namespace rz::test {
namespace {

using Key = std::unique_ptr<EVP_PKEY, void (*)(EVP_PKEY*)>;
using Certificate = std::unique_ptr<X509, void (*)(X509*)>;

void require(bool done, const char* what) {
  if (!done) throw std::runtime_error(std::string("OpenSSL: cannot ") + what);
}

void write(const std::string& path, const std::function<int(FILE*)>& body) {
  const std::unique_ptr<FILE, int (*)(FILE*)> file(std::fopen(path.c_str(), "w"), std::fclose);
  require(file && body(file.get()) == 1, "write a PEM file");
}

Key make_key() {
  Key key(EVP_EC_gen("P-256"), EVP_PKEY_free);
  require(key != nullptr, "make a key");
  return key;
}

void extend(X509* certificate, X509* issuer, int nid, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  const std::unique_ptr<X509_EXTENSION, void (*)(X509_EXTENSION*)> extension(
      X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str()), X509_EXTENSION_free);
  require(extension && X509_add_ext(certificate, extension.get(), -1) == 1, "add an extension");
}

// Neither signed nor with extensions yet.
Certificate make_certificate(const std::string& name, EVP_PKEY* key, int from_days, int days) {
  constexpr long kDay = 24L * 60 * 60;
  static long serial = 1;
  Certificate certificate(X509_new(), X509_free);
  require(certificate != nullptr, "make a certificate");
  X509_set_version(certificate.get(), X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), serial++);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), from_days * kDay);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), (from_days + days) * kDay);
  X509_set_pubkey(certificate.get(), key);
  X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate.get()), "CN", MBSTRING_UTF8,
                             reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1, 0);
  return certificate;
}

void make_authority(X509* certificate) {
  extend(certificate, certificate, NID_basic_constraints, "critical,CA:TRUE");
  extend(certificate, certificate, NID_subject_key_identifier, "hash");
}

CertificateFiles write_files(const std::string& path, X509* certificate, EVP_PKEY* key) {
  CertificateFiles files{path + ".crt", path + ".key"};
  write(files.cert, [&](FILE* file) { return PEM_write_X509(file, certificate); });
  write(files.key, [&](FILE* file) {
    return PEM_write_PrivateKey(file, key, nullptr, nullptr, 0, nullptr, nullptr);
  });
  return files;
}

}  // namespace

struct Certificates::Authority {
  Key key = make_key();
  Certificate certificate = make_certificate("rz test authority", key.get(), -400, 800);

  void sign(X509* other) const {
    X509_set_issuer_name(other, X509_get_subject_name(certificate.get()));
    require(X509_sign(other, key.get(), EVP_sha256()) > 0, "sign");
  }
};

Certificates::Certificates() : authority_(std::make_unique<Authority>()) {
  X509* own = authority_->certificate.get();
  make_authority(own);
  authority_->sign(own);
  std::filesystem::create_directory(ca_folder());
  const std::string hashed =
      fmt::format("{}/{:08x}.0", ca_folder(),
                  X509_NAME_hash_ex(X509_get_subject_name(own), nullptr, nullptr, nullptr));
  for (const std::string& path : {ca(), hashed}) {
    write(path, [&](FILE* file) { return PEM_write_X509(file, own); });
  }
}

Certificates::~Certificates() = default;

CertificateFiles Certificates::issue(const std::string& name, const std::string& names,
                                     int from_days, int days) {
  return issue_by(*authority_, name, names, from_days, days);
}

CertificateFiles Certificates::issue_by(const Authority& by, const std::string& name,
                                        const std::string& names, int from_days, int days) {
  const Key key = make_key();
  const Certificate certificate = make_certificate(name, key.get(), from_days, days);
  X509* issuer = by.certificate.get();
  extend(certificate.get(), issuer, NID_authority_key_identifier, "keyid");
  if (!names.empty()) extend(certificate.get(), issuer, NID_subject_alt_name, names);
  by.sign(certificate.get());
  return write_files(folder_ / name, certificate.get(), key.get());
}

CertificateFiles Certificates::issue_through(const std::string& name, const std::string& names,
                                             int days, int between_days) {
  Authority between{make_key(), {nullptr, X509_free}};
  between.certificate =
      make_certificate("rz authority between", between.key.get(), -1, between_days);
  make_authority(between.certificate.get());
  authority_->sign(between.certificate.get());
  CertificateFiles files = issue_by(between, name, names, -1, days);
  const std::unique_ptr<FILE, int (*)(FILE*)> file(std::fopen(files.cert.c_str(), "a"),
                                                   std::fclose);
  require(file && PEM_write_X509(file.get(), between.certificate.get()) == 1, "add to a PEM file");
  return files;
}

CertificateFiles Certificates::self_signed(const std::string& name, const std::string& names) {
  const Key key = make_key();
  const Certificate certificate = make_certificate(name, key.get(), -1, 30);
  X509* own = certificate.get();
  if (!names.empty()) extend(own, own, NID_subject_alt_name, names);
  X509_set_issuer_name(own, X509_get_subject_name(own));
  require(X509_sign(own, key.get(), EVP_sha256()) > 0, "sign");
  return write_files(folder_ / name, own, key.get());
}

}  // namespace rz::test
