#include "support/http_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <stdexcept>

#include "rz/base/text.h"

namespace rz::test {
namespace {

// A socket bound to a free port of 127.0.0.1, and that port.
std::pair<UniqueFd, int> bind_free_port() {
  UniqueFd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = ::htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  if (!fd || ::bind(fd.get(), generic, size) != 0 || ::getsockname(fd.get(), generic, &size) != 0) {
    throw std::runtime_error("cannot bind a port: " + errno_text(errno));
  }
  return {std::move(fd), ::ntohs(address.sin_port)};
}

/// Reads requests off a connection; keeps what came beyond the last one.
class RequestReader {
 public:
  explicit RequestReader(int fd) : fd_(fd) {}

  std::optional<HttpServerRequest> next() {
    std::size_t head_end;
    while ((head_end = pending_.find("\r\n\r\n")) == std::string::npos) {
      if (!more()) return std::nullopt;
      // No letter, no HTTP: the start of TLS, say. Such a client waits for no more than an answer.
      if (!is_alpha(pending_.front()))
        return HttpServerRequest{.headers = {{"connection", "close"}}};
    }
    HttpServerRequest request = parse_head(std::string_view(pending_).substr(0, head_end));
    pending_.erase(0, head_end + 4);
    const auto size = parse_int(request.header("content-length")).value_or(0);
    while (pending_.size() < static_cast<std::size_t>(size)) {
      if (!more()) return std::nullopt;
    }
    request.body = pending_.substr(0, static_cast<std::size_t>(size));
    pending_.erase(0, request.body.size());
    return request;
  }

 private:
  static HttpServerRequest parse_head(std::string_view head) {
    HttpServerRequest request;
    for (std::string_view line : split(head, '\n')) {
      line = trim(line);
      if (request.method.empty()) {
        const auto words = split(line, ' ');
        request.method = words[0];
        if (words.size() > 1) request.target = words[1];
      } else if (const std::size_t colon = line.find(':'); colon != std::string_view::npos) {
        request.headers.emplace_back(to_lower(line.substr(0, colon)), trim(line.substr(colon + 1)));
      }
    }
    return request;
  }

  bool more() {
    char chunk[16 * 1024];
    const ssize_t n = ::recv(fd_, chunk, sizeof chunk, 0);
    if (n > 0) pending_.append(chunk, static_cast<std::size_t>(n));
    return n > 0;
  }

  int fd_;
  std::string pending_;
};

std::string head_of(const HttpServerReply& reply) {
  std::string head = "HTTP/1.1 " + std::to_string(reply.status) + " Scripted\r\n";
  for (const auto& [name, value] : reply.headers) head += name + ": " + value + "\r\n";
  return head + "Content-Length: " + std::to_string(reply.body.size() + reply.padding) + "\r\n\r\n";
}

}  // namespace

std::string_view HttpServerRequest::header(std::string_view name) const {
  for (const auto& [key, value] : headers) {
    if (key == name) return value;
  }
  return "";
}

HttpServer::HttpServer(Handler handler) : handler_(std::move(handler)) {
  std::tie(listener_, port_) = bind_free_port();
  if (::listen(listener_.get(), 1024) != 0) {
    throw std::runtime_error("cannot listen: " + errno_text(errno));
  }
  acceptor_ = std::thread([this] { accept_all(); });
}

HttpServer::HttpServer(HttpServerReply reply)
    : HttpServer([reply = std::move(reply)](const HttpServerRequest&) { return reply; }) {}

HttpServer::~HttpServer() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
    // Each of these wakes the thread that waits on the socket.
    ::shutdown(listener_.get(), SHUT_RDWR);
    for (Connection& connection : connections_) {
      if (connection.fd) ::shutdown(connection.fd.get(), SHUT_RDWR);
    }
  }
  changed_.notify_all();
  acceptor_.join();
  for (Connection& connection : connections_) connection.thread.join();
}

std::string HttpServer::url(std::string_view target) const {
  return "http://127.0.0.1:" + std::to_string(port_).append(target);
}

std::vector<HttpServerRequest> HttpServer::requests() const {
  std::lock_guard lock(mutex_);
  return requests_;
}

void HttpServer::accept_all() {
  while (true) {
    UniqueFd fd(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
    std::lock_guard lock(mutex_);
    if (stopping_) return;
    connections_.remove_if([](Connection& connection) {
      if (connection.ended) connection.thread.join();
      return connection.ended;
    });
    if (!fd) continue;
    const int yes = 1;
    ::setsockopt(fd.get(), IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    Connection& connection = connections_.emplace_back();
    connection.fd = std::move(fd);
    connection.thread = std::thread([this, &connection] { serve(connection); });
  }
}

void HttpServer::serve(Connection& connection) {
  const int fd = connection.fd.get();
  RequestReader reader(fd);
  while (auto request = reader.next()) {
    ++count_;
    {
      std::lock_guard lock(mutex_);
      if (requests_.size() < 1000) requests_.push_back(*request);
    }
    const bool last = equals_ignore_case(request->header("connection"), "close");
    if (!answer(fd, handler_(*request), request->method == "HEAD") || last) break;
  }
  std::lock_guard lock(mutex_);
  connection.fd.reset();
  connection.ended = true;
}

// Whether the connection can take another request.
bool HttpServer::answer(int fd, const HttpServerReply& reply, bool head_only) {
  if (!pause(reply.delay)) return false;
  const std::string head = reply.raw.empty() ? head_of(reply) : reply.raw;
  std::uint64_t left = reply.close_after.value_or(UINT64_MAX);
  const auto send = [&](std::string_view bytes) {
    bytes = bytes.substr(0, std::min<std::uint64_t>(bytes.size(), left));
    left -= bytes.size();
    return write_all(fd, bytes).has_value() && left > 0;
  };
  bool open = send(head) && reply.raw.empty();
  if (open && !head_only) {
    const std::size_t step = reply.drip ? 1 : std::max<std::size_t>(1, reply.body.size());
    for (std::size_t i = 0; open && i < reply.body.size(); i += step) {
      open = send(std::string_view(reply.body).substr(i, step)) &&
             pause(reply.drip.value_or(Millis{0}));
    }
    const std::string block(64 * 1024, 'x');
    for (std::uint64_t sent = 0; open && sent < reply.padding; sent += block.size()) {
      open = send(std::string_view(block).substr(
          0, std::min<std::uint64_t>(block.size(), reply.padding - sent)));
    }
  }
  if (reply.reset) {
    const linger at_once{1, 0};
    ::setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  }
  return open && !reply.reset;
}

// False if the server stopped meanwhile.
bool HttpServer::pause(Millis duration) {
  if (duration == Millis{0}) return true;
  std::unique_lock lock(mutex_);
  const auto stopped = [this] { return stopping_; };
  if (duration == HttpServerReply::kForever) {
    changed_.wait(lock, stopped);
    return false;
  }
  return !changed_.wait_for(lock, duration, stopped);
}

ClosedPort::ClosedPort() { std::tie(fd_, port_) = bind_free_port(); }

}  // namespace rz::test
