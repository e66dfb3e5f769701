#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

#include "rz/base/file.h"

namespace rz::test {

/// What a TcpProxy does to the bytes that pass it, once.
struct Harm {
  enum class Kind {
    none,
    cut,    ///< Closes the connection, on both sides, before byte `at`.
    stall,  ///< Byte `at` and what follows it on this connection never arrive.
    flip,   ///< XORs byte `at` with `mask`.
    split,  ///< A pause before byte `at`: two packets.
    drip,   ///< From byte `at` on, each byte is a packet of its own.
  };
  enum class Way { requests, answers };

  Kind kind = Kind::none;
  Way way = Way::answers;
  /// Counted from 0, over all connections since the harm was ordered.
  std::size_t at = 0;
  unsigned char mask = 1;
};

/// A port of 127.0.0.1 that leads to another one, over a line that harms what passes. One thread.
class TcpProxy {
 public:
  explicit TcpProxy(int server_port);
  ~TcpProxy();
  TcpProxy(const TcpProxy&) = delete;
  TcpProxy& operator=(const TcpProxy&) = delete;

  int port() const { return port_; }

  /// Orders a harm in place of the one before, and counts bytes from 0 again.
  void order(const Harm& harm);
  /// How many bytes have passed that way since.
  std::size_t passed(Harm::Way way) const;

 private:
  struct Line {
    UniqueFd client;
    UniqueFd server;
    bool stalled[2] = {false, false};
    bool broken = false;
  };

  void run();
  void accept_one();
  void carry(Line& line, Harm::Way way);
  void pass(Line& line, Harm::Way way, std::string bytes);

  const int server_port_;
  UniqueFd listener_;
  int port_ = 0;
  UniqueFd wake_;  // Closed to end the thread.
  UniqueFd woken_;
  std::list<Line> lines_;  // Of the thread alone.
  mutable std::mutex mutex_;
  Harm harm_{};  // Guarded by mutex_, as is the next one.
  std::size_t passed_[2] = {0, 0};
  std::thread thread_;
};

}  // namespace rz::test
