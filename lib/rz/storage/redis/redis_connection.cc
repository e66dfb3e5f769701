#include "rz/storage/redis/redis_connection.h"

#include <array>
#include <utility>
#include <vector>

namespace rz::storage {
namespace {

using Kind = StorageUrl::Kind;
using Command = std::vector<std::string_view>;

Result<std::unique_ptr<net::Transport>> dial_system(const StorageUrl& server, Deadline deadline) {
  if (server.kind == Kind::redis_unix) return net::connect_unix(server.path, deadline);
  return net::connect_tcp(server.hosts[0].first, server.hosts[0].second, deadline);
}

RedisOutcome<std::unique_ptr<net::Transport>> connect(const StorageUrl& server, TryLimit limit,
                                                      net::TlsClient* tls, const RedisDial& dial) {
  const bool socket = server.kind == Kind::redis_unix;
  auto transport = dial ? dial(server, limit.deadline) : dial_system(server, limit.deadline);
  if (!transport) {
    return tl::unexpected(translate_connect_error(
        transport.error(), limit,
        socket ? "is Redis running with this `unixsocket`, and may this user use it?"
               : "is Redis running there, and does it listen on this address?"));
  }
  if (!server.tls) return *std::move(transport);
  auto secured = tls->wrap(*std::move(transport), server.hosts[0].first, limit.deadline);
  if (secured) return *std::move(secured);
  return tl::unexpected(translate_tls_error(secured.error(), limit));
}

// AUTH as far as it is needed. The one-argument form is known to every version of Redis.
Command auth_command(const StorageUrl& server) {
  if (!server.has_password && server.user.empty()) return {};
  if (server.user.empty() || server.user == "default") return {"AUTH", server.password};
  return {"AUTH", server.user, server.password};
}

// What HELLO says of the server, by names and values.
bool names_replica(const RedisReply& hello) {
  for (std::size_t i = 0; i + 1 < hello.elements.size(); i += 2) {
    if (hello.elements[i].text != "role") continue;
    return hello.elements[i + 1].text == "replica" || hello.elements[i + 1].text == "slave";
  }
  return false;
}

}  // namespace

Result<StorageUrl> redis_server_of(const StorageOptions& options) {
  Result<StorageUrl> url = parse_storage_url(options.url);
  if (!url) return url;
  if (url->kind == Kind::memory || url->kind == Kind::sqlite) {
    return fail(ErrorCode::invalid_argument,
                "is not the URL of a Redis server; write it like redis://host:6379", redact(*url));
  }
  if (!url->has_password && !options.password.empty()) {
    url->password = options.password;
    url->has_password = true;
  }
  return url;
}

RedisOutcome<RedisConnection> RedisConnection::open(const StorageUrl& server, TryLimit limit,
                                                    net::TlsClient* tls, const RedisDial& dial) {
  auto transport = connect(server, limit, tls, dial);
  if (!transport) return tl::unexpected(std::move(transport).error());
  RedisConnection connection(*std::move(transport));
  if (auto greeted = connection.greet(server, limit); !greeted) {
    return tl::unexpected(std::move(greeted).error());
  }
  return connection;
}

// All of it in one round trip.
RedisOutcome<void> RedisConnection::greet(const StorageUrl& server, TryLimit limit) {
  const std::string database = std::to_string(server.database);
  std::vector<Command> commands;
  if (Command auth = auth_command(server); !auth.empty()) commands.push_back(std::move(auth));
  if (server.database != 0) commands.push_back({"SELECT", database});
  commands.push_back({"CLIENT", "SETNAME", "rz"});
  commands.push_back({"HELLO", "2"});
  std::string request;
  for (const Command& command : commands) {
    const Result<std::string> encoded = encode_command(command);
    if (!encoded) return tl::unexpected(RedisFailure{.error = encoded.error()});
    request += *encoded;
  }
  if (auto sent = transport_->write_all(request, limit.deadline); !sent) {
    return tl::unexpected(translate_exchange_error(sent.error(), limit, false));
  }
  for (const Command& command : commands) {
    const Result<RedisReply> reply = read_reply(limit.deadline);
    if (!reply) {
      RedisFailure failure = translate_exchange_error(reply.error(), limit, false);
      // So does a port of TLS with what is not TLS.
      const bool closed = failure.error.code == ErrorCode::unavailable && !server.tls;
      if (closed) failure.error.message += "; does the server want TLS (rediss://)?";
      return tl::unexpected(std::move(failure));
    }
    if (command[0] == "HELLO") is_replica_ = names_replica(*reply);
    if (reply->type != RedisReply::Type::error) continue;
    RedisFailure failure = command[0] == "AUTH" ? translate_auth_reply(*reply, !server.user.empty(),
                                                                       server.has_password)
                                                : translate_reply(*reply, command[0]);
    // A connection does as well without a name, and servers before Redis 6 know no HELLO. But
    // behind "max number of clients", which answers the first command whatever it is, the server
    // closes.
    const bool closing = failure.transient && failure.code == "ERR";
    if ((command[0] == "CLIENT" || command[0] == "HELLO") && !closing) continue;
    return tl::unexpected(std::move(failure));
  }
  return {};
}

RedisOutcome<RedisReply> RedisConnection::exchange(std::string_view commands, TryLimit limit,
                                                   std::size_t count) {
  if (auto sent = send(commands, limit); !sent) return tl::unexpected(std::move(sent).error());
  RedisReply answer;
  for (std::size_t i = 0; i < count; ++i) {
    RedisOutcome<RedisReply> reply = receive(limit);
    if (!reply) return reply;
    const bool failed = i > 0 && answer.type == RedisReply::Type::error;
    if (!failed) answer = *std::move(reply);
  }
  return answer;
}

RedisOutcome<RedisReply> RedisConnection::exchange_all(std::string_view commands, TryLimit limit,
                                                       std::size_t count) {
  if (auto sent = send(commands, limit); !sent) return tl::unexpected(std::move(sent).error());
  RedisReply all{.type = RedisReply::Type::array};
  for (std::size_t i = 0; i < count; ++i) {
    RedisOutcome<RedisReply> reply = receive(limit);
    if (!reply) return reply;
    all.elements.push_back(*std::move(reply));
  }
  const bool failed = !all.elements.empty() && all.elements[0].type == RedisReply::Type::error;
  return failed ? std::move(all.elements[0]) : std::move(all);
}

RedisOutcome<void> RedisConnection::send(std::string_view commands, TryLimit limit) {
  // What was not asked for would be taken for the answer to this.
  if (!reader_.is_empty()) {
    const Error unasked{ErrorCode::corrupt, "the server said more than it was asked", {}};
    return tl::unexpected(translate_exchange_error(unasked, limit, false));
  }
  if (!transport_->is_quiet()) {
    const Error broken{ErrorCode::unavailable, "the server closed it, or spoke unasked", {}};
    return tl::unexpected(translate_exchange_error(broken, limit, false));
  }
  if (auto sent = transport_->write_all(commands, limit.deadline); !sent) {
    // A server does nothing before it has the whole command, nor the whole transaction.
    return tl::unexpected(translate_exchange_error(sent.error(), limit, false));
  }
  return {};
}

RedisOutcome<RedisReply> RedisConnection::receive(TryLimit limit) {
  Result<RedisReply> reply = read_reply(limit.deadline);
  if (reply) return *std::move(reply);
  return tl::unexpected(translate_exchange_error(reply.error(), limit, true));
}

Result<RedisReply> RedisConnection::read_reply(Deadline deadline) {
  std::array<char, 64 * 1024> buffer;
  while (true) {
    Result<std::optional<RedisReply>> reply = reader_.next();
    if (!reply) return fail(std::move(reply).error());
    if (*reply) return **std::move(reply);
    const Result<std::size_t> size = transport_->read_some(buffer, deadline);
    if (!size) return fail(size.error());
    if (auto fed = reader_.feed({buffer.data(), *size}); !fed) return fail(std::move(fed).error());
  }
}

}  // namespace rz::storage
