#include "rz/net/openssl_transport.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>

#include <chrono>
#include <utility>

namespace rz {
namespace {

using Below = OpensslTransport::Below;

Below& below_of(BIO* bio) { return *static_cast<Below*>(::BIO_get_data(bio)); }

// The functions below are called by OpenSSL, which is C. Transports let no exception out.

int write_below(BIO* bio, const char* bytes, int size) {
  Below& below = below_of(bio);
  ::BIO_clear_retry_flags(bio);
  auto written =
      below.transport->write_all({bytes, static_cast<std::size_t>(size)}, below.deadline);
  if (written) return size;
  below.error = std::move(written).error();
  return -1;
}

int read_below(BIO* bio, char* buffer, int size) {
  Below& below = below_of(bio);
  ::BIO_clear_retry_flags(bio);
  auto count = below.transport->read_some({buffer, static_cast<std::size_t>(size)}, below.deadline);
  if (count) return static_cast<int>(*count);
  // Reading may go on after a timeout: that is how is_quiet asks.
  if (count.error().code == ErrorCode::timeout) ::BIO_set_retry_read(bio);
  below.error = std::move(count).error();
  return -1;
}

long control_below(BIO*, int command, long, void*) { return command == BIO_CTRL_FLUSH ? 1 : 0; }

BIO_METHOD* make_method() {
  BIO_METHOD* method = ::BIO_meth_new(::BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "rz transport");
  if (method == nullptr) return nullptr;
  ::BIO_meth_set_write(method, write_below);
  ::BIO_meth_set_read(method, read_below);
  ::BIO_meth_set_ctrl(method, control_below);
  return method;
}

BIO* make_bio(Below* below) {
  // Never freed: connections may be in use until the end of the process.
  static BIO_METHOD* const method = make_method();
  BIO* bio = method == nullptr ? nullptr : ::BIO_new(method);
  if (bio == nullptr) return nullptr;
  ::BIO_set_data(bio, below);
  ::BIO_set_init(bio, 1);
  return bio;
}

}  // namespace

OpensslTransport::OpensslTransport(SSL_CTX* context, std::unique_ptr<Transport> plain)
    : below_(std::make_unique<Below>(Below{std::move(plain)})),
      flaw_(std::make_unique<CertificateFlaw>()),
      ssl_(::SSL_new(context)) {
  BIO* bio = ssl_ ? make_bio(below_.get()) : nullptr;
  if (bio == nullptr) {
    ssl_.reset();
    return;
  }
  ::SSL_set_bio(ssl_.get(), bio, bio);
}

void OpensslTransport::begin(Deadline deadline) {
  below_->deadline = deadline;
  below_->error.reset();
  ::ERR_clear_error();
}

Result<void> OpensslTransport::name_host(const std::string& host, bool verify) {
  X509_VERIFY_PARAM* rules = ::SSL_get0_param(ssl_.get());
  // A certificate knows of no zone, as in fe80::1%eth0.
  const std::string address = host.substr(0, host.find('%'));
  ASN1_OCTET_STRING* parsed = ::a2i_IPADDRESS(address.c_str());
  const bool is_address = parsed != nullptr;
  ::ASN1_OCTET_STRING_free(parsed);
  bool set = true;
  if (!is_address) set = ::SSL_set_tlsext_host_name(ssl_.get(), host.c_str()) == 1;
  if (set && verify) {
    ::X509_VERIFY_PARAM_set_hostflags(rules, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    set = is_address ? ::X509_VERIFY_PARAM_set1_ip_asc(rules, address.c_str()) == 1
                     : ::SSL_set1_host(ssl_.get(), host.c_str()) == 1;
  }
  if (set) return {};
  return fail(ErrorCode::invalid_argument, "no certificate can be for '" + host + "'");
}

Result<void> OpensslTransport::shake_hands(const std::string& host, bool verify,
                                           Deadline deadline) {
  if (!ssl_) return fail(ErrorCode::unavailable, "out of memory");
  begin(deadline);
  if (auto named = name_host(host, verify); !named) return named;
  flaw_->host = host;
  flaw_->watch(ssl_.get(), verify);
  if (::SSL_connect(ssl_.get()) == 1) return {};
  return failed();
}

Result<void> OpensslTransport::write_all(std::string_view bytes, Deadline deadline) {
  begin(deadline);
  std::size_t written = 0;
  // Whole or not at all, as OpenSSL does unless it is asked for less.
  if (bytes.empty() || ::SSL_write_ex(ssl_.get(), bytes.data(), bytes.size(), &written) == 1) {
    return {};
  }
  const tl::unexpected<Error> error = failed();
  // A server that refuses the client's certificate says why before it closes.
  if (auto why = refusal()) return fail(*std::move(why));
  return error;
}

Result<std::size_t> OpensslTransport::read_some(std::span<char> buffer, Deadline deadline) {
  begin(deadline);
  std::size_t count = 0;
  if (::SSL_read_ex(ssl_.get(), buffer.data(), buffer.size(), &count) == 1) return count;
  return failed();
}

bool OpensslTransport::is_quiet() {
  begin(std::chrono::steady_clock::now());
  char byte = 0;
  std::size_t count = 0;
  // Not the bytes below: session tickets, which say nothing, may have come since.
  if (::SSL_peek_ex(ssl_.get(), &byte, 1, &count) == 1) return false;
  return below_->error && below_->error->code == ErrorCode::timeout;
}

tl::unexpected<Error> OpensslTransport::failed() const {
  if (below_->error) return fail(*below_->error);
  return fail(translate_openssl_error(::ERR_peek_error(), *flaw_));
}

// What the other side has sent about it, if that is a refusal of ours.
std::optional<Error> OpensslTransport::refusal() {
  begin(std::chrono::steady_clock::now());
  char byte = 0;
  std::size_t count = 0;
  if (::SSL_peek_ex(ssl_.get(), &byte, 1, &count) == 1) return std::nullopt;
  Error error = failed().value();
  if (error.code != ErrorCode::auth) return std::nullopt;
  return error;
}

}  // namespace rz
