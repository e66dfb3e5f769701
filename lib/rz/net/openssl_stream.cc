// The module of TLS over non-blocking sockets.

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <cerrno>
#include <memory>
#include <utility>

#include "rz/base/file.h"
#include "rz/base/try.h"
#include "rz/net/openssl_context.h"
#include "rz/net/openssl_error.h"
#include "rz/net/tls_stream_module.h"

namespace rz::net {
namespace {

class OpensslStream final : public TlsStream {
 public:
  OpensslStream(SSL_CTX* context, int fd, const std::string& host, bool verify)
      : ssl_(::SSL_new(context)) {
    if (!ssl_) return;
    named_ = name_host(ssl_.get(), host, verify);
    problem_.host = host;
    problem_.watch(ssl_.get(), verify);
    // A socket's own BIO: OpenSSL then reads and writes it itself.
    if (::SSL_set_fd(ssl_.get(), fd) != 1) ssl_.reset();
  }

  bool is_usable() const { return ssl_ != nullptr; }

  StreamStep shake_hands() override {
    if (!named_) {
      error_ = named_.error();
      return {StreamStep::State::failed};
    }
    ::ERR_clear_error();
    const int result = ::SSL_connect(ssl_.get());
    return result == 1 ? StreamStep{StreamStep::State::done} : step_of(result);
  }

  StreamStep read(std::span<char> buffer) override {
    ::ERR_clear_error();
    std::size_t bytes = 0;
    const int result = ::SSL_read_ex(ssl_.get(), buffer.data(), buffer.size(), &bytes);
    return result == 1 ? StreamStep{StreamStep::State::done, bytes} : step_of(result);
  }

  StreamStep write(std::string_view text) override {
    ::ERR_clear_error();
    std::size_t bytes = 0;
    const int result = ::SSL_write_ex(ssl_.get(), text.data(), text.size(), &bytes);
    return result == 1 ? StreamStep{StreamStep::State::done, bytes} : step_of(result);
  }

  bool has_pending() const override { return ::SSL_has_pending(ssl_.get()) == 1; }

  std::string_view protocol() const override {
    const unsigned char* name = nullptr;
    unsigned size = 0;
    ::SSL_get0_alpn_selected(ssl_.get(), &name, &size);
    return {reinterpret_cast<const char*>(name), size};
  }

  Error error() const override { return error_; }

 private:
  struct Deleter {
    void operator()(SSL* ssl) const { ::SSL_free(ssl); }
  };

  StreamStep step_of(int result) {
    const int system = errno;
    switch (::SSL_get_error(ssl_.get(), result)) {
      case SSL_ERROR_WANT_READ:
      case SSL_ERROR_WANT_WRITE: return {StreamStep::State::again};
      case SSL_ERROR_ZERO_RETURN: return {StreamStep::State::closed};
      case SSL_ERROR_SYSCALL:
        if (system == 0) return {StreamStep::State::closed};
        error_ = {ErrorCode::unavailable, errno_text(system), ""};
        break;
      default: error_ = translate_openssl_error(::ERR_peek_error(), problem_);
    }
    ::ERR_clear_error();
    return {StreamStep::State::failed};
  }

  CertificateProblem problem_;
  std::unique_ptr<SSL, Deleter> ssl_;
  Result<void> named_;
  Error error_;
};

class OpensslStreams final : public TlsStreams {
 public:
  OpensslStreams(ContextPtr context, std::string host, bool verify)
      : context_(std::move(context)), host_(std::move(host)), verify_(verify) {}

  std::unique_ptr<TlsStream> open(int fd) override {
    auto stream = std::make_unique<OpensslStream>(context_.get(), fd, host_, verify_);
    if (!stream->is_usable()) return nullptr;
    return stream;
  }

 private:
  const ContextPtr context_;
  const std::string host_;
  const bool verify_;
};

// Each name behind its length, as ALPN has them on the line (RFC 7301, section 3.1).
std::string alpn_of(const std::vector<std::string>& protocols) {
  std::string list;
  for (const std::string& protocol : protocols) {
    list += static_cast<char>(protocol.size());
    list += protocol;
  }
  return list;
}

Result<std::unique_ptr<TlsStreams>> make_streams(const TlsOptions& options, const std::string& host,
                                                 const std::vector<std::string>& protocols) {
  TRY_ASSIGN(ContextPtr context, make_client_context(options));
  ::SSL_CTX_set_mode(context.get(),
                     SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  const std::string alpn = alpn_of(protocols);
  ::SSL_CTX_set_alpn_protos(context.get(), reinterpret_cast<const unsigned char*>(alpn.data()),
                            static_cast<unsigned>(alpn.size()));
  const std::string& name = options.server_name.empty() ? host : options.server_name;
  return std::make_unique<OpensslStreams>(std::move(context), name, options.verify);
}

}  // namespace
}  // namespace rz::net

extern "C" rz::net::TlsStreams* rz_make_tls_streams(const rz::TlsOptions& options,
                                                    const std::string& host,
                                                    const std::vector<std::string>& protocols,
                                                    rz::Error& error) {
  ::ERR_clear_error();
  auto streams = rz::net::make_streams(options, host, protocols);
  ::ERR_clear_error();
  if (streams) return streams->release();
  error = std::move(streams).error();
  return nullptr;
}
