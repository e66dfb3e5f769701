// The requests of SocketServer: read piece by piece, handed to the handler, and answered.

#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <string_view>
#include <utility>

#include "rz/base/text.h"
#include "rz/server/socket_server.h"

namespace rz::server {
namespace {

using SteadyClock = std::chrono::steady_clock;
using Phase = ConnectionTable::Phase;

constexpr std::size_t kReadAtOnce = 16 * 1024;

/// What one read has got.
enum class Read { some, nothing_yet, ended };

Read read_into(int fd, std::array<char, kReadAtOnce>& buffer, std::size_t& size) {
  const auto got = ::recv(fd, buffer.data(), buffer.size(), 0);
  size = static_cast<std::size_t>(std::max<ssize_t>(got, 0));
  if (got > 0) return Read::some;
  const bool later = got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR);
  return later ? Read::nothing_yet : Read::ended;
}

}  // namespace

void SocketServer::receive(Connection& connection) {
  std::array<char, kReadAtOnce> buffer;  // NOLINT: it is written before it is read.
  std::size_t size = 0;
  switch (read_into(connection.fd.get(), buffer, size)) {
    case Read::nothing_yet: return;
    case Read::ended: connection.state = State::closed; return;
    case Read::some: connection.in.append(buffer.data(), size); return advance(connection);
  }
}

// Goes on with what has arrived: several requests may have.
void SocketServer::advance(Connection& connection) {
  for (bool again = true; again;) {
    again = (connection.state == State::head && take_head(connection)) ||
            (connection.state == State::body && take_body(connection));
  }
}

// False: more must arrive.
bool SocketServer::take_head(Connection& connection) {
  std::string& in = connection.in;
  // Some clients end a body with a line end that does not belong to it.
  std::size_t blank = 0;
  while (std::string_view(in).substr(blank).starts_with("\r\n")) blank += 2;
  in.erase(0, blank);
  if (in.empty()) return false;
  if (!std::exchange(connection.begun, true)) {
    table_.enter(connection.fd.get(), Phase::receiving, SteadyClock::now());
  }
  const auto end = find_head_end(in, connection.searched);
  if (end.value_or(in.size()) > limits_.header_bytes) {
    const bool line = in.find('\n') >= limits_.header_bytes;
    refuse(connection, {line ? 414 : 431, "the request line with its headers is larger than " +
                                              humanize_size(limits_.header_bytes)});
    return true;
  }
  connection.searched = in.size() - std::min<std::size_t>(in.size(), 2);
  if (!end) return false;
  auto head = parse_head(std::string_view(in).substr(0, *end));
  in.erase(0, *end);
  connection.searched = 0;
  if (head) {
    begin_request(connection, *std::move(head));
  } else {
    refuse(connection, std::move(head).error());
  }
  return true;
}

void SocketServer::begin_request(Connection& connection, RequestHead head) {
  connection.request = std::move(head);
  connection.exchange = next_exchange_++;
  connection.last = !connection.request.keep_alive;
  Request& request = connection.request.request;
  request.local = connection.local;
  if (!connection.request.has_body()) return handle(connection);
  // Who is refused need not send it, and nobody keeps it.
  if (const auto answer = handler_.handle_head(request, counts())) {
    connection.last = connection.unread = true;
    return send(connection, *answer);
  }
  connection.body.emplace(connection.request, limits_.body_bytes);
  connection.state = State::body;
  const bool asks = connection.request.expects_continue && connection.in.empty() &&
                    connection.body->state() == BodyReader::State::more;
  constexpr std::string_view kGoOn = "HTTP/1.1 100 Continue\r\n\r\n";
  // There is room for it, since all answers before it are sent.
  if (asks) ::send(connection.fd.get(), kGoOn.data(), kGoOn.size(), MSG_NOSIGNAL);
}

bool SocketServer::take_body(Connection& connection) {
  std::string_view input = connection.in;
  const auto state = connection.body->take(input, connection.request.request.body);
  connection.in.erase(0, connection.in.size() - input.size());
  switch (state) {
    case BodyReader::State::more: return false;
    case BodyReader::State::done: handle(connection); break;
    case BodyReader::State::too_large:
      refuse(connection, {413, "the body is larger than " + humanize_size(limits_.body_bytes)});
      break;
    case BodyReader::State::malformed:
      refuse(connection, {400, "the body is not chunked as its head says"});
      break;
  }
  return true;
}

void SocketServer::handle(Connection& connection) {
  const auto now = SteadyClock::now();
  table_.enter(connection.fd.get(), Phase::answering, now);
  if (const auto answer =
          handler_.handle(connection.request.request, connection.exchange, counts())) {
    return send(connection, *answer);
  }
  connection.state = State::answering;
  connection.answer_until = now + limits_.request_timeout;
  waiting_[connection.exchange] = connection.fd.get();
}

// Nothing tells where the next request would begin.
void SocketServer::refuse(Connection& connection, Refusal refusal) {
  connection.last = connection.unread = true;
  send(connection, text_answer(refusal.status, std::move(refusal.why)));
}

void SocketServer::send(Connection& connection, const Answer& answer) {
  connection.last = connection.last || !keep_alive_;
  const Framing framing{.head_only = connection.request.request.method == "HEAD",
                        .last = connection.last,
                        .says_alive = connection.request.is_old && !connection.last};
  connection.out = OutgoingAnswer(answer, framing);
  connection.state = State::sending;
  table_.enter(connection.fd.get(), Phase::sending, SteadyClock::now());
  handler_.answered(answer.status);
  send_more(connection);
}

void SocketServer::send_more(Connection& connection) {
  switch (connection.out.send_to(connection.fd.get())) {
    case OutgoingAnswer::Progress::blocked: return;
    case OutgoingAnswer::Progress::failed: connection.state = State::closed; return;
    case OutgoingAnswer::Progress::done: return end_answer(connection);
  }
}

void SocketServer::end_answer(Connection& connection) {
  connection.out = {};
  connection.request = {};
  connection.body.reset();
  connection.exchange = 0;
  connection.begun = false;
  const int fd = connection.fd.get();
  if (!connection.last) {
    connection.state = State::head;
    table_.enter(fd, Phase::idle, SteadyClock::now());
  } else if (connection.unread || !connection.in.empty()) {
    ::shutdown(fd, SHUT_WR);
    connection.in.clear();
    connection.state = State::lingering;
    table_.enter(fd, Phase::lingering, SteadyClock::now());
  } else {
    connection.state = State::closed;
  }
}

void SocketServer::discard(Connection& connection) {
  std::array<char, kReadAtOnce> buffer;  // NOLINT: nobody reads it.
  std::size_t size = 0;
  if (read_into(connection.fd.get(), buffer, size) == Read::ended) {
    connection.state = State::closed;
  }
}

void SocketServer::finish(std::uint64_t exchange, const Answer& answer) {
  const auto found = waiting_.find(exchange);
  if (found == waiting_.end()) return;
  Connection& connection = *connections_.at(found->second);
  waiting_.erase(found);
  send(connection, answer);
  advance(connection);
  settle(connection);
}

}  // namespace rz::server
