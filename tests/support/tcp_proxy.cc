#include "support/tcp_proxy.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <stdexcept>
#include <vector>

namespace rz::test {
namespace {

using Kind = Harm::Kind;
using Way = Harm::Way;

std::size_t index_of(Way way) { return way == Way::requests ? 0 : 1; }

sockaddr_in loopback(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = ::htonl(INADDR_LOOPBACK);
  address.sin_port = ::htons(static_cast<std::uint16_t>(port));
  return address;
}

void send_at_once(int fd) {
  const int on = 1;
  ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

// Long enough for the other side to have read what was sent before.
void pause() { std::this_thread::sleep_for(std::chrono::microseconds{300}); }

}  // namespace

TcpProxy::TcpProxy(int server_port)
    : server_port_(server_port), listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address = loopback(0);
  socklen_t size = sizeof address;
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  int ends[2];
  if (::bind(listener_.get(), generic, size) != 0 || ::listen(listener_.get(), 64) != 0 ||
      ::getsockname(listener_.get(), generic, &size) != 0 || ::pipe2(ends, O_CLOEXEC) != 0) {
    throw std::runtime_error("cannot listen: " + errno_text(errno));
  }
  woken_.reset(ends[0]);
  wake_.reset(ends[1]);
  port_ = ::ntohs(address.sin_port);
  thread_ = std::thread([this] { run(); });
}

TcpProxy::~TcpProxy() {
  wake_.reset();
  thread_.join();
}

void TcpProxy::order(const Harm& harm) {
  const std::lock_guard lock(mutex_);
  harm_ = harm;
  passed_[0] = passed_[1] = 0;
}

std::size_t TcpProxy::passed(Way way) const {
  const std::lock_guard lock(mutex_);
  return passed_[index_of(way)];
}

std::size_t TcpProxy::held() const {
  const std::lock_guard lock(mutex_);
  return held_;
}

// Until the next piece that is late is due; without one, for ever.
int TcpProxy::wait_ms() const {
  Time next = Time::max();
  for (const Line& line : lines_) {
    for (const auto& late : line.late) {
      if (!late.empty()) next = std::min(next, late.front().due);
    }
  }
  if (next == Time::max()) return -1;
  const auto left = next - std::chrono::steady_clock::now();
  return static_cast<int>(
      std::max<std::int64_t>(0, std::chrono::ceil<std::chrono::milliseconds>(left).count()));
}

void TcpProxy::deliver_late(Line& line) {
  const std::lock_guard lock(mutex_);
  const Time now = std::chrono::steady_clock::now();
  for (const Way way : {Way::requests, Way::answers}) {
    auto& late = line.late[index_of(way)];
    const int to = way == Way::requests ? line.server.get() : line.client.get();
    for (; !late.empty() && late.front().due <= now; late.pop_front(), --held_) {
      // An answer that nobody waits for any more is no reason to drop the requests behind it.
      if (!write_all(to, late.front().bytes) && way == Way::requests) line.broken = true;
    }
  }
  if (line.left && line.late[index_of(Way::requests)].empty()) line.broken = true;
}

void TcpProxy::drop_broken() {
  const std::lock_guard lock(mutex_);
  for (const Line& line : lines_) {
    if (line.broken) held_ -= line.late[0].size() + line.late[1].size();
  }
  lines_.remove_if([](const Line& line) { return line.broken; });
}

void TcpProxy::run() {
  while (true) {
    std::vector<pollfd> waited{{woken_.get(), POLLIN, 0}, {listener_.get(), POLLIN, 0}};
    for (const Line& line : lines_) {
      waited.push_back({line.left ? -1 : line.client.get(), POLLIN, 0});
      waited.push_back({line.server.get(), POLLIN, 0});
    }
    if (::poll(waited.data(), waited.size(), wait_ms()) < 0 && errno != EINTR) return;
    if (waited[0].revents != 0) return;
    std::size_t at = 2;
    for (Line& line : lines_) {
      if (waited[at++].revents != 0) carry(line, Way::requests);
      if (waited[at++].revents != 0 && !line.broken) carry(line, Way::answers);
      if (!line.broken) deliver_late(line);
    }
    drop_broken();
    if (waited[1].revents != 0) accept_one();
  }
}

void TcpProxy::accept_one() {
  Line line;
  line.client.reset(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
  line.server.reset(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const sockaddr_in address = loopback(server_port_);
  if (!line.client || ::connect(line.server.get(), reinterpret_cast<const sockaddr*>(&address),
                                sizeof address) != 0) {
    return;
  }
  send_at_once(line.client.get());
  send_at_once(line.server.get());
  lines_.push_back(std::move(line));
}

void TcpProxy::carry(Line& line, Way way) {
  const int from = way == Way::requests ? line.client.get() : line.server.get();
  char buffer[16 * 1024];
  const ssize_t size = ::recv(from, buffer, sizeof buffer, 0);
  if (size <= 0) {
    // Only what is late outlives the client.
    line.left = way == Way::requests && !line.late[index_of(way)].empty();
    line.broken = !line.left;
    return;
  }
  pass(line, way, std::string(buffer, static_cast<std::size_t>(size)));
}

void TcpProxy::pass(Line& line, Way way, std::string bytes) {
  const int to = way == Way::requests ? line.server.get() : line.client.get();
  const std::lock_guard lock(mutex_);
  std::size_t& passed = passed_[index_of(way)];
  const std::size_t first = passed;
  passed += bytes.size();
  if (line.stalled[index_of(way)]) return;
  const bool here = harm_.way == way && harm_.at < passed &&
                    (harm_.match.empty() || bytes.find(harm_.match) != std::string::npos);
  if (hold(line, way, bytes, here)) return;
  if (harm_.kind == Kind::none || !here) {
    line.broken = !write_all(to, bytes);
    return;
  }
  const std::size_t at = harm_.at - std::min(harm_.at, first);
  const Kind kind = harm_.kind;
  if (kind != Kind::drip && !harm_.every) harm_.kind = Kind::none;
  if (kind == Kind::flip) bytes[at] = static_cast<char>(bytes[at] ^ harm_.mask);
  const std::string_view before = std::string_view(bytes).substr(0, at);
  const std::string_view after = std::string_view(bytes).substr(at);
  line.broken = !write_all(to, before);
  if (kind == Kind::cut) line.broken = true;
  if (kind == Kind::stall) line.stalled[index_of(way)] = true;
  if (line.broken || line.stalled[index_of(way)]) return;
  if (kind == Kind::split) pause();
  const std::size_t step = kind == Kind::drip ? 1 : std::max<std::size_t>(after.size(), 1);
  for (std::size_t i = 0; i < after.size() && !line.broken; i += step) {
    line.broken = !write_all(to, after.substr(i, step));
  }
  if (kind == Kind::last) line.broken = true;
}

// Whether the bytes are late, by the harm or because others before them are.
bool TcpProxy::hold(Line& line, Way way, const std::string& bytes, bool harmed) {
  auto& late = line.late[index_of(way)];
  const bool begins = harmed && harm_.kind == Kind::late;
  if (!begins && late.empty()) return false;
  std::uniform_int_distribution<std::int64_t> more(0, harm_.spread.count());
  const auto delay = harm_.delay + std::chrono::milliseconds{begins ? more(random_) : 0};
  const Time due = begins ? std::chrono::steady_clock::now() + delay : late.back().due;
  late.push_back({late.empty() ? due : std::max(due, late.back().due), bytes});
  ++held_;
  if (begins && !harm_.every) harm_.kind = Kind::none;
  return true;
}

}  // namespace rz::test
