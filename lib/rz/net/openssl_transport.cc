#include "rz/net/openssl_transport.h"

#include <openssl/bio.h>
#include <openssl/err.h>

#include <chrono>
#include <utility>

#include "rz/net/openssl_context.h"
#include "rz/net/openssl_session.h"

namespace rz::net {
namespace {

using Below = OpensslTransport::Below;

Below& below_of(BIO* bio) { return *static_cast<Below*>(::BIO_get_data(bio)); }

// OpenSSL, which is C, calls the functions below, so no exception may leave them. Transports throw
// none.

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
  // OpenSSL keeps one queue of errors a thread. Where connections share a thread, others may have
  // put theirs there while this one waited.
  ::ERR_clear_error();
  if (count) return static_cast<int>(*count);
  // A read may be repeated after a timeout, so that is_quiet() does not break the connection by
  // asking.
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

// Sees each message of the handshake, and those that come after it.
void note_message(int sent, int, int type, const void* bytes, std::size_t size, SSL*, void* user) {
  if (sent != 0 || type != SSL3_RT_HANDSHAKE || size == 0) return;
  auto& verdict = *static_cast<OpensslTransport::Verdict*>(user);
  const int message = *static_cast<const unsigned char*>(bytes);
  if (message == SSL3_MT_CERTIFICATE_REQUEST) verdict.asked = true;
  // With TLS 1.3 only who was let in gets a ticket.
  if (message == SSL3_MT_NEWSESSION_TICKET) verdict.accepted = true;
}

}  // namespace

OpensslTransport::OpensslTransport(SSL_CTX* context, std::unique_ptr<Transport> plain)
    : below_(std::make_unique<Below>(Below{std::move(plain)})),
      problem_(std::make_unique<CertificateProblem>()),
      verdict_(std::make_unique<Verdict>()),
      ssl_(::SSL_new(context)) {
  BIO* bio = ssl_ ? make_bio(below_.get()) : nullptr;
  if (bio == nullptr) {
    ssl_.reset();
    return;
  }
  ::SSL_set_bio(ssl_.get(), bio, bio);
  ::SSL_set_msg_callback(ssl_.get(), note_message);
  ::SSL_set_msg_callback_arg(ssl_.get(), verdict_.get());
}

void OpensslTransport::begin(Deadline deadline) {
  below_->deadline = deadline;
  below_->error.reset();
  ::ERR_clear_error();
}

Result<void> OpensslTransport::shake_hands(const std::string& host, bool verify,
                                           Deadline deadline) {
  if (!ssl_) return fail(ErrorCode::unavailable, "out of memory");
  begin(deadline);
  if (auto named = name_host(ssl_.get(), host, verify); !named) return named;
  problem_->host = host;
  problem_->watch(ssl_.get(), verify);
  if (::SSL_connect(ssl_.get()) != 1) return failed();
  if (::SSL_version(ssl_.get()) < TLS1_3_VERSION) verdict_->accepted = true;
  session_ = read_session(ssl_.get(), host);
  return {};
}

Result<void> OpensslTransport::write_all(std::string_view bytes, Deadline deadline) {
  begin(deadline);
  std::size_t written = 0;
  // OpenSSL writes all of it or fails, unless partial writes are enabled.
  if (bytes.empty() || ::SSL_write_ex(ssl_.get(), bytes.data(), bytes.size(), &written) == 1) {
    return {};
  }
  const tl::unexpected<Error> error = failed();
  // With TLS 1.3 a server refuses the client's certificate after the handshake. The write then
  // fails, while the reason is waiting to be read.
  if (auto why = refusal()) return fail(*std::move(why));
  return error;
}

Result<std::size_t> OpensslTransport::read_some(std::span<char> buffer, Deadline deadline) {
  begin(deadline);
  std::size_t count = 0;
  if (::SSL_read_ex(ssl_.get(), buffer.data(), buffer.size(), &count) != 1) return failed();
  verdict_->accepted = true;
  return count;
}

Result<void> OpensslTransport::await_acceptance(Deadline deadline) {
  if (!verdict_->asked || verdict_->accepted) return {};
  // A server that waits for the client's words answers their end. So nobody waits for one that has
  // nothing to say.
  begin(deadline);
  ::SSL_shutdown(ssl_.get());
  // So that reading ends after each message, and not with data alone.
  ::SSL_clear_mode(ssl_.get(), SSL_MODE_AUTO_RETRY);
  while (true) {
    begin(deadline);
    char byte = 0;
    std::size_t count = 0;
    const bool data = ::SSL_peek_ex(ssl_.get(), &byte, 1, &count) == 1;
    if (data || verdict_->accepted) return {};
    const int why = ::SSL_get_error(ssl_.get(), 0);
    if (why == SSL_ERROR_ZERO_RETURN) return {};
    const bool more = why == SSL_ERROR_WANT_READ && !below_->error;
    if (!more || std::chrono::steady_clock::now() >= deadline) return failed();
  }
}

bool OpensslTransport::is_quiet() {
  begin(std::chrono::steady_clock::now());
  char byte = 0;
  std::size_t count = 0;
  // Asks OpenSSL, and not whether bytes have arrived: those may be session tickets, which are no
  // data.
  if (::SSL_peek_ex(ssl_.get(), &byte, 1, &count) == 1) return false;
  return below_->error && below_->error->code == ErrorCode::timeout;
}

tl::unexpected<Error> OpensslTransport::failed() const {
  if (below_->error) return fail(*below_->error);
  return fail(translate_openssl_error(::ERR_peek_error(), *problem_));
}

// The alert that the other side has sent, if it refuses our certificate.
std::optional<Error> OpensslTransport::refusal() {
  begin(std::chrono::steady_clock::now());
  char byte = 0;
  std::size_t count = 0;
  if (::SSL_peek_ex(ssl_.get(), &byte, 1, &count) == 1) return std::nullopt;
  Error error = failed().value();
  if (error.code != ErrorCode::auth) return std::nullopt;
  return error;
}

}  // namespace rz::net
