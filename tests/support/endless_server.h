#pragma once

#include <sys/socket.h>

#include <atomic>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>

#include "support/local_listener.h"

namespace rz::test {

/// A server that sends `start` to whoever connects, and then `more` again and again, until the
/// other side has had enough. One connection at a time.
class EndlessServer {
 public:
  EndlessServer(std::string start, std::string more)
      : start_(std::move(start)), more_(std::move(more)), thread_([this] { serve(); }) {}
  ~EndlessServer() {
    stopping_ = true;
    listener_.wake();
    thread_.join();
  }
  EndlessServer(const EndlessServer&) = delete;
  EndlessServer& operator=(const EndlessServer&) = delete;

  std::string url() const { return "http://127.0.0.1:" + std::to_string(listener_.port()) + "/"; }

 private:
  void serve() {
    while (!stopping_) {
      const UniqueFd client = listener_.accept();
      if (!client) continue;
      bool open = send(client, start_);
      while (open && !stopping_) open = send(client, more_);
    }
  }

  static bool send(const UniqueFd& client, const std::string& bytes) {
    return ::send(client.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL) > 0;
  }

  const std::string start_;
  const std::string more_;
  LocalListener listener_;
  std::atomic<bool> stopping_ = false;
  std::thread thread_;
};

}  // namespace rz::test
