#pragma once

#include <atomic>
#include <functional>
#include <list>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "rz/base/file.h"

namespace rz::test {

/// What a FakeRedis does about a command.
struct FakeReply {
  std::string bytes{};        ///< Sent as they are: "+OK\r\n", or no protocol at all.
  bool byte_by_byte = false;  ///< Each byte in a packet of its own.
  bool then_close = false;    ///< The connection, behind the bytes.
};

/// A server on a free port of 127.0.0.1 that reads Redis' protocol and answers what it is told to:
/// for what a real server does not do on request. A thread for each connection.
class FakeRedis {
 public:
  /// Called from the threads of the connections, one call at a time. The commands of greeting a
  /// client (AUTH, SELECT, CLIENT) come too; ok_to_greeting answers them.
  using Handler = std::function<FakeReply(const std::vector<std::string>& command)>;

  explicit FakeRedis(Handler handler);
  ~FakeRedis();
  FakeRedis(const FakeRedis&) = delete;
  FakeRedis& operator=(const FakeRedis&) = delete;

  /// `redis://127.0.0.1:PORT/0`, with `userinfo` and an `@` before the host if it is not empty.
  std::string url(const std::string& userinfo = {}) const;
  /// `127.0.0.1:PORT`
  std::string address() const;

  /// All commands so far, their arguments joined by spaces, those of the greeting left out.
  std::vector<std::string> commands() const;
  /// How many connections there were.
  int connections() const { return connections_; }

 private:
  void accept_all();
  void serve(int fd);

  Handler handler_;
  UniqueFd listener_;
  int port_ = 0;
  std::atomic<int> connections_{0};
  mutable std::mutex mutex_;
  bool stopping_ = false;  // Guarded by mutex_, as are the next two.
  std::vector<std::string> commands_;
  std::list<UniqueFd> open_;
  std::vector<std::thread> threads_;  // Of the acceptor alone, until that has ended.
  std::thread acceptor_;
};

/// `text` as a string of the protocol.
std::string bulk(const std::string& text);

/// `handler`, but a client's greeting is answered with +OK.
FakeRedis::Handler ok_to_greeting(FakeRedis::Handler handler);

}  // namespace rz::test
