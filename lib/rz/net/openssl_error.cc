#include "rz/net/openssl_error.h"

#include <openssl/err.h>
#include <openssl/sslerr.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <iterator>
#include <string_view>

#include "rz/base/text.h"
#include "rz/base/timestamp.h"
#include "rz/net/openssl_session.h"

namespace rz::net {
namespace {

// Where a context has its CertificateProblem. libcurl keeps things of its own where the application
// may.
int context_index() {
  static const int index =
      ::CRYPTO_get_ex_new_index(CRYPTO_EX_INDEX_SSL_CTX, 0, nullptr, nullptr, nullptr, nullptr);
  return index;
}

// OpenSSL calls this for each certificate of the chain, from the root on, and again for each
// further problem. The first problem is kept. To return `fine` is to agree with OpenSSL's verdict.
int note_problem(int fine, X509_STORE_CTX* store) {
  const auto* ssl = static_cast<const SSL*>(
      ::X509_STORE_CTX_get_ex_data(store, ::SSL_get_ex_data_X509_STORE_CTX_idx()));
  auto* problem = static_cast<CertificateProblem*>(
      ::SSL_CTX_get_ex_data(::SSL_get_SSL_CTX(ssl), context_index()));
  if (problem == nullptr) problem = static_cast<CertificateProblem*>(SSL_get_app_data(ssl));
  const X509* certificate = ::X509_STORE_CTX_get_current_cert(store);
  const bool own = certificate != nullptr && ::X509_STORE_CTX_get_error_depth(store) == 0;
  if (own) problem->names = describe(certificate).names;
  if (fine == 1 || problem->reason != 0) return fine;
  problem->reason = ::X509_STORE_CTX_get_error(store);
  if (certificate == nullptr) return fine;
  const PeerCertificate refused = describe(certificate);
  problem->subject = refused.subject;
  problem->not_before = format_timestamp_seconds(refused.not_before);
  problem->not_after = format_timestamp_seconds(refused.not_after);
  return fine;
}

std::string explain(const CertificateProblem& problem) {
  const std::string which = "the server's certificate (" + problem.subject + ")";
  switch (problem.reason) {
    case X509_V_ERR_CERT_HAS_EXPIRED:
      return which + " has expired, at " + problem.not_after + "; renew it";
    case X509_V_ERR_CERT_NOT_YET_VALID:
      return which + " is valid only from " + problem.not_before +
             "; is this machine's clock right?";
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH: return other_host(problem, problem.host);
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
      return "the server's certificate is not from a trusted authority: its chain ends with " +
             problem.subject + "; name the certificate of its authority as 'ca'";
    default: return which + " does not verify: " + ::X509_verify_cert_error_string(problem.reason);
  }
}

struct Meaning {
  int reason;
  ErrorCode kind;
  std::string_view message;
};

constexpr std::string_view kWantsCertificate =
    "the server requires a client certificate; give one as 'cert' and 'key'";
constexpr std::string_view kTooOld =
    "the server does not offer TLS 1.2 or newer, and rz speaks nothing older";
constexpr std::string_view kNoTls =
    "the answer is not TLS; does the server speak TLS on this port, or is it a plain one?";

// The alerts of the other side, and other errors for which there is something to do.
constexpr Meaning kMeanings[] = {
    {SSL_R_TLSV13_ALERT_CERTIFICATE_REQUIRED, ErrorCode::auth, kWantsCertificate},
    {SSL_R_SSLV3_ALERT_HANDSHAKE_FAILURE, ErrorCode::auth,
     "the server refuses the handshake; does it require a client certificate ('cert' and 'key'), "
     "or "
     "a version or cipher of TLS that is not offered?"},
    {SSL_R_TLSV1_ALERT_UNKNOWN_CA, ErrorCode::auth,
     "the server does not trust the client certificate (unknown CA); give one of an authority that "
     "it trusts as 'cert'"},
    {SSL_R_SSLV3_ALERT_BAD_CERTIFICATE, ErrorCode::auth,
     "the server refuses the client certificate (bad certificate); see its log"},
    {SSL_R_SSLV3_ALERT_UNSUPPORTED_CERTIFICATE, ErrorCode::auth,
     "the server refuses the kind of the client certificate (unsupported certificate); is it made "
     "for clients?"},
    {SSL_R_SSLV3_ALERT_CERTIFICATE_REVOKED, ErrorCode::auth,
     "the server says that the client certificate is revoked; give another one as 'cert'"},
    {SSL_R_SSLV3_ALERT_CERTIFICATE_EXPIRED, ErrorCode::auth,
     "the server says that the client certificate has expired; renew it ('cert')"},
    {SSL_R_SSLV3_ALERT_CERTIFICATE_UNKNOWN, ErrorCode::auth,
     "the server refuses the client certificate; see its log"},
    {SSL_R_TLSV1_UNRECOGNIZED_NAME, ErrorCode::auth,
     "the server does not know the name that it is asked for; see 'server_name'"},
    {SSL_R_TLSV1_ALERT_PROTOCOL_VERSION, ErrorCode::unavailable, kTooOld},
    {SSL_R_UNSUPPORTED_PROTOCOL, ErrorCode::unavailable, kTooOld},
    {SSL_R_WRONG_VERSION_NUMBER, ErrorCode::corrupt, kNoTls},
    {SSL_R_HTTP_REQUEST, ErrorCode::corrupt, kNoTls},
    {SSL_R_PACKET_LENGTH_TOO_LONG, ErrorCode::corrupt, kNoTls},
    {SSL_R_UNEXPECTED_EOF_WHILE_READING, ErrorCode::unavailable,
     "the other side closed the connection"},
};

}  // namespace

void CertificateProblem::watch(SSL* ssl, bool verify) {
  SSL_set_app_data(ssl, this);
  ::SSL_set_verify(ssl, verify ? SSL_VERIFY_PEER : SSL_VERIFY_NONE,
                   verify ? note_problem : nullptr);
}

void CertificateProblem::watch(SSL_CTX* context) {
  ::SSL_CTX_set_ex_data(context, context_index(), this);
  ::SSL_CTX_set_verify(context, SSL_VERIFY_PEER, note_problem);
}

std::string other_host(const CertificateProblem& problem, const std::string& host) {
  return "the server's certificate is for " + problem.names + ", not for " + printable(host) +
         "; reach the server by a name of its certificate, or give one as 'server_name'";
}

Error translate_openssl_error(unsigned long code, const CertificateProblem& problem) {
  if (problem.reason != 0) return {ErrorCode::auth, explain(problem), {}};
  if (code == 0) return {ErrorCode::unavailable, "the other side closed the connection", {}};
  const int reason = ERR_GET_REASON(code);
  const auto* meaning =
      std::find_if(std::begin(kMeanings), std::end(kMeanings), [&](const Meaning& known) {
        return ERR_GET_LIB(code) == ERR_LIB_SSL && known.reason == reason;
      });
  if (meaning != std::end(kMeanings)) return {meaning->kind, std::string(meaning->message), {}};
  const char* text = ::ERR_reason_error_string(code);
  return {
      ErrorCode::unavailable, std::string("TLS failed: ") + (text ? text : "no reason given"), {}};
}

}  // namespace rz::net
