#include "support/fake_redis.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <stdexcept>
#include <string_view>
#include <utility>

#include "rz/base/text.h"
#include "rz/storage/redis/redis_reply.h"

namespace rz::test {
namespace {

bool is_greeting(const std::vector<std::string>& command) {
  return command[0] == "AUTH" || command[0] == "SELECT" || command[0] == "CLIENT" ||
         command[0] == "HELLO";
}

// Whether all of it went out.
bool send_bytes(int fd, const FakeReply& reply) {
  const std::size_t step = reply.byte_by_byte ? 1 : std::max<std::size_t>(1, reply.bytes.size());
  for (std::size_t i = 0; i < reply.bytes.size(); i += step) {
    const std::string_view part = std::string_view(reply.bytes).substr(i, step);
    if (!write_all(fd, part)) return false;
  }
  return true;
}

}  // namespace

FakeRedis::FakeRedis(Handler handler)
    : handler_(std::move(handler)), listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = ::htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  if (::bind(listener_.get(), generic, size) != 0 || ::listen(listener_.get(), 64) != 0 ||
      ::getsockname(listener_.get(), generic, &size) != 0) {
    throw std::runtime_error("cannot listen: " + errno_text(errno));
  }
  port_ = ::ntohs(address.sin_port);
  acceptor_ = std::thread([this] { accept_all(); });
}

FakeRedis::~FakeRedis() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    // Each of these wakes the thread that waits on the socket.
    ::shutdown(listener_.get(), SHUT_RDWR);
    for (const UniqueFd& fd : open_) ::shutdown(fd.get(), SHUT_RDWR);
  }
  acceptor_.join();
  for (std::thread& thread : threads_) thread.join();
}

std::string FakeRedis::url(const std::string& userinfo) const {
  return "redis://" + (userinfo.empty() ? "" : userinfo + "@") + address() + "/0";
}

std::string FakeRedis::address() const { return "127.0.0.1:" + std::to_string(port_); }

std::vector<std::string> FakeRedis::commands() const {
  const std::lock_guard lock(mutex_);
  return commands_;
}

void FakeRedis::accept_all() {
  while (true) {
    UniqueFd fd(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
    const std::lock_guard lock(mutex_);
    if (stopping_) return;
    if (!fd) continue;
    const int on = 1;
    ::setsockopt(fd.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    ++connections_;
    const int number = open_.emplace_back(std::move(fd)).get();
    threads_.emplace_back([this, number] { serve(number); });
  }
}

void FakeRedis::serve(int fd) {
  // A command has the form of a reply: an array of strings.
  storage::RedisReplyReader reader;
  char buffer[16 * 1024];
  for (ssize_t n; (n = ::recv(fd, buffer, sizeof buffer, 0)) > 0;) {
    if (!reader.feed({buffer, static_cast<std::size_t>(n)})) break;
    bool open = true;
    while (open) {
      const auto read = reader.next();
      if (!read || !*read) break;
      std::vector<std::string> command;
      for (const storage::RedisReply& argument : (*read)->elements)
        command.push_back(argument.text);
      FakeReply reply;
      {
        const std::lock_guard lock(mutex_);
        if (!is_greeting(command)) commands_.push_back(join(command, " "));
        reply = handler_(command);
      }
      open = send_bytes(fd, reply) && !reply.then_close;
    }
    if (!open) break;
  }
  ::shutdown(fd, SHUT_RDWR);
}

std::string bulk(const std::string& text) {
  return "$" + std::to_string(text.size()) + "\r\n" + text + "\r\n";
}

FakeRedis::Handler ok_to_greeting(FakeRedis::Handler handler) {
  return [handler = std::move(handler)](const std::vector<std::string>& command) {
    return is_greeting(command) ? FakeReply{"+OK\r\n"} : handler(command);
  };
}

}  // namespace rz::test
