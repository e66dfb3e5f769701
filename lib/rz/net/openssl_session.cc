#include "rz/net/openssl_session.h"

#include <arpa/inet.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <ctime>
#include <memory>
#include <vector>

#include "rz/base/text.h"

namespace rz::net {
namespace {

// RFC 5280, section 4.1.2.5: a time that cannot be read is of a certificate that is not one.
TimePoint time_of(const ASN1_TIME* time) {
  std::tm parts{};
  if (time == nullptr || ::ASN1_TIME_to_tm(time, &parts) != 1) return {};
  return TimePoint{std::chrono::seconds{::timegm(&parts)}};
}

// `CN=redis,O=Example`.
std::string text_of(const X509_NAME* name) {
  constexpr std::size_t kShownColumns = 100;
  const std::unique_ptr<BIO, int (*)(BIO*)> memory(::BIO_new(::BIO_s_mem()), ::BIO_free);
  if (!memory) return "";
  ::X509_NAME_print_ex(memory.get(), name, 0, XN_FLAG_RFC2253);
  char* text = nullptr;
  const long size = BIO_get_mem_data(memory.get(), &text);
  if (size <= 0) return "";
  return ellipsize(printable({text, static_cast<std::size_t>(size)}), kShownColumns);
}

// A name or an address; empty for what is neither.
std::string text_of(const GENERAL_NAME& name) {
  if (name.type != GEN_DNS && name.type != GEN_IPADD) return "";
  const ASN1_STRING* string = name.type == GEN_DNS ? name.d.dNSName : name.d.iPAddress;
  const unsigned char* bytes = ::ASN1_STRING_get0_data(string);
  const int size = ::ASN1_STRING_length(string);
  if (name.type == GEN_DNS) {
    return printable({reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(size)});
  }
  std::array<char, INET6_ADDRSTRLEN> text{};
  const int family = size == 4 ? AF_INET : AF_INET6;
  if (size != 4 && size != 16) return "";
  return ::inet_ntop(family, bytes, text.data(), text.size()) ? text.data() : "";
}

// The names that the certificate is for: `a.example, 10.0.0.1`; its subject if it has no such
// names.
std::string names_of(const X509* certificate) {
  constexpr std::size_t kShownNames = 4;
  const std::unique_ptr<GENERAL_NAMES, void (*)(GENERAL_NAMES*)> all(
      static_cast<GENERAL_NAMES*>(
          ::X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)),
      ::GENERAL_NAMES_free);
  std::vector<std::string> names;
  for (int i = 0; all && i < sk_GENERAL_NAME_num(all.get()); ++i) {
    std::string name = text_of(*sk_GENERAL_NAME_value(all.get(), i));
    if (!name.empty()) names.push_back(std::move(name));
  }
  if (names.empty()) return text_of(::X509_get_subject_name(certificate));
  const bool more = names.size() > kShownNames;
  names.resize(std::min(names.size(), kShownNames));
  return join(names, ", ") + (more ? ", …" : "");
}

// The certificate of `sent` that has issued `certificate`; nullptr if none has, or it has itself.
X509* issuer_among(STACK_OF(X509) * sent, X509* certificate) {
  if (::X509_check_issued(certificate, certificate) == X509_V_OK) return nullptr;
  for (int i = 0; i < sk_X509_num(sent); ++i) {
    X509* other = sk_X509_value(sent, i);
    if (::X509_check_issued(other, certificate) == X509_V_OK) return other;
  }
  return nullptr;
}

// What the server has sent of its chain, in order. It may send others, whose ends mean nothing.
std::vector<PeerCertificate> sent_chain(SSL* ssl) {
  std::vector<PeerCertificate> chain;
  STACK_OF(X509)* sent = ::SSL_get_peer_cert_chain(ssl);
  const int count = sent == nullptr ? 0 : sk_X509_num(sent);
  X509* next = count == 0 ? nullptr : sk_X509_value(sent, 0);
  // Two certificates may have issued each other.
  while (next != nullptr && static_cast<int>(chain.size()) < count) {
    chain.push_back(describe(next));
    next = issuer_among(sent, next);
  }
  return chain;
}

std::vector<PeerCertificate> chain_of(SSL* ssl) {
  STACK_OF(X509)* verified = ::SSL_get0_verified_chain(ssl);
  const bool trusted = ::SSL_get_verify_mode(ssl) != SSL_VERIFY_NONE && verified != nullptr;
  if (!trusted) return sent_chain(ssl);
  std::vector<PeerCertificate> chain;
  for (int i = 0; i < sk_X509_num(verified); ++i) {
    chain.push_back(describe(sk_X509_value(verified, i)));
  }
  return chain;
}

bool names_host(SSL* ssl, const std::string& host) {
  X509* certificate = ::SSL_get0_peer_certificate(ssl);
  if (certificate == nullptr) return false;
  const std::string address = host.substr(0, host.find('%'));
  const int as_address = ::X509_check_ip_asc(certificate, address.c_str(), 0);
  if (as_address != -2) return as_address == 1;  // -2: it is not an address.
  return ::X509_check_host(certificate, host.c_str(), host.size(),
                           X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS, nullptr) == 1;
}

}  // namespace

PeerCertificate describe(const X509* certificate) {
  return {.subject = text_of(::X509_get_subject_name(certificate)),
          .issuer = text_of(::X509_get_issuer_name(certificate)),
          .names = names_of(certificate),
          .not_before = time_of(::X509_get0_notBefore(certificate)),
          .not_after = time_of(::X509_get0_notAfter(certificate))};
}

TlsSession read_session(SSL* ssl, const std::string& host) {
  return {.protocol = ::SSL_get_version(ssl),
          .cipher = ::SSL_get_cipher_name(ssl),
          .chain = chain_of(ssl),
          .names_host = names_host(ssl, host)};
}

}  // namespace rz::net
