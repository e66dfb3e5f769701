// The requests of MicrohttpdServer, as libmicrohttpd hands them over piece by piece.

#include <utility>

#include "rz/base/text.h"
#include "rz/server/microhttpd_head.h"
#include "rz/server/microhttpd_response.h"
#include "rz/server/microhttpd_server.h"

namespace rz::server {
namespace {

using SteadyClock = std::chrono::steady_clock;
using Phase = ConnectionTable::Phase;

std::string header_of(MHD_Connection* connection, const char* name) {
  const char* value = ::MHD_lookup_connection_value(connection, MHD_HEADER_KIND, name);
  return value != nullptr ? value : "";
}

}  // namespace

void* MicrohttpdServer::begin(const char* target, MHD_Connection* connection) {
  Link* link = link_of(connection);
  if (link == nullptr) return nullptr;
  link->exchange = std::make_unique<Exchange>();
  link->exchange->number = next_exchange_++;
  link->exchange->request.target = target;
  table_.enter(link->fd, Phase::receiving, SteadyClock::now());
  return link->exchange.get();
}

void MicrohttpdServer::read_head(MHD_Connection* connection, const char* method, bool local,
                                 Exchange& exchange) {
  exchange.seen = true;
  Request& request = exchange.request;
  request.method = method;
  request.accept = header_of(connection, MHD_HTTP_HEADER_ACCEPT);
  request.authorization = header_of(connection, MHD_HTTP_HEADER_AUTHORIZATION);
  request.origin = header_of(connection, MHD_HTTP_HEADER_ORIGIN);
  request.local = local;
}

// An answer for which no body need be read, where there is one.
std::optional<Answer> MicrohttpdServer::answer_to_head(MHD_Connection* connection,
                                                       const Request& head) {
  const auto length = parse_int(header_of(connection, MHD_HTTP_HEADER_CONTENT_LENGTH));
  const bool chunked = !header_of(connection, MHD_HTTP_HEADER_TRANSFER_ENCODING).empty();
  if (!chunked && (!length || *length == 0)) return std::nullopt;
  if (auto answer = handler_.handle_head(head, counts())) return answer;
  if (!length || *length <= static_cast<std::int64_t>(limits_.body_bytes)) return std::nullopt;
  return text_answer(413, "the body is larger than " + humanize_size(limits_.body_bytes));
}

// Called for the head of a request, then for each piece of its body, and at its end.
MHD_Result MicrohttpdServer::take(MHD_Connection* connection, const FirstLine& line,
                                  const char* data, std::size_t* size, void** context) {
  Link* link = link_of(connection);
  if (link == nullptr || *context == nullptr || !link->exchange) return MHD_NO;
  Exchange& exchange = *link->exchange;
  if (!exchange.seen) return take_head(*link, line);
  if (*size > 0) return take_body(data, size, exchange);
  if (exchange.answer) return send(*link, *exchange.answer);
  return handle(*link, exchange);
}

// Behind a head that two may read differently nothing can be told from its body.
MHD_Result MicrohttpdServer::take_head(Link& link, const FirstLine& line) {
  Exchange& exchange = *link.exchange;
  read_head(link.connection, line.method, link.local, exchange);
  const std::string doubt = doubt_of_head(link.connection, line.version);
  if (!doubt.empty()) return send(link, text_answer(400, doubt), true);
  const auto answer = answer_to_head(link.connection, exchange.request);
  return answer ? send(link, *answer) : MHD_YES;
}

// A body without a length is too large only once it is: then there is no place for an answer.
MHD_Result MicrohttpdServer::take_body(const char* data, std::size_t* size, Exchange& exchange) {
  exchange.body_bytes += *size;
  if (exchange.body_bytes > limits_.body_bytes) return MHD_NO;
  exchange.request.body.append(data, *size);
  *size = 0;
  return MHD_YES;
}

MHD_Result MicrohttpdServer::handle(Link& link, Exchange& exchange) {
  if (exchange.handled) return MHD_YES;
  exchange.handled = true;
  const auto now = SteadyClock::now();
  table_.enter(link.fd, Phase::answering, now);
  auto answer = handler_.handle(exchange.request, exchange.number, counts());
  if (answer) return send(link, *answer);
  link.suspended_until = now + limits_.request_timeout;
  suspended_[exchange.number] = link.fd;
  ::MHD_suspend_connection(link.connection);
  return MHD_YES;
}

MHD_Result MicrohttpdServer::send(Link& link, const Answer& answer, bool last) {
  const ResponsePtr response = make_response(answer, last || !keep_alive_);
  if (!response) return MHD_NO;
  table_.enter(link.fd, Phase::sending, SteadyClock::now());
  handler_.answered(answer.status);
  return ::MHD_queue_response(link.connection, static_cast<unsigned int>(answer.status),
                              response.get());
}

void MicrohttpdServer::complete(MHD_Connection* connection) {
  Link* link = link_of(connection);
  if (link == nullptr || !link->exchange) return;
  suspended_.erase(link->exchange->number);
  link->exchange.reset();
  table_.enter(link->fd, Phase::idle, SteadyClock::now());
}

void MicrohttpdServer::finish(std::uint64_t exchange, Answer answer) {
  const auto found = suspended_.find(exchange);
  if (found == suspended_.end()) return;
  Link& link = *links_.at(found->second);
  suspended_.erase(found);
  link.exchange->answer = std::move(answer);
  ::MHD_resume_connection(link.connection);
}

// libmicrohttpd must not be stopped while a connection is suspended.
void MicrohttpdServer::end_all() {
  if (!daemon_) return;
  while (!suspended_.empty()) finish(suspended_.begin()->first, handler_.give_up());
  ::MHD_run(daemon_.get());
  daemon_.reset();
  listeners_.clear();
}

}  // namespace rz::server
