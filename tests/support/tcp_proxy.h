#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <list>
#include <mutex>
#include <random>
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
    last,   ///< What has arrived passes, then the connection is closed on both sides.
    late,   ///< It arrives later, with all that follows it, also if its sender has gone.
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
  std::chrono::milliseconds delay{0};  ///< Of `late`.
  /// Of `late`: up to so much more, another time for each; what was sent first may arrive last.
  std::chrono::milliseconds spread{0};
  /// Only what arrives with this text in it is harmed; empty: anything.
  std::string match{};
  bool every = false;  ///< Whether the order stands after the first harm.
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
  /// How many pieces are late, and have not arrived yet.
  std::size_t held() const;

 private:
  using Time = std::chrono::steady_clock::time_point;
  struct Piece {
    Time due;
    std::string bytes;
  };
  struct Line {
    UniqueFd client;
    UniqueFd server;
    bool stalled[2] = {false, false};
    std::deque<Piece> late[2];
    bool left = false;  // The client has gone; what it sent is still on its way.
    bool broken = false;
  };

  void run();
  int wait_ms() const;
  void deliver_late(Line& line);
  void drop_broken();
  void accept_one();
  void carry(Line& line, Harm::Way way);
  void pass(Line& line, Harm::Way way, std::string bytes);
  bool hold(Line& line, Harm::Way way, const std::string& bytes, bool harmed);

  const int server_port_;
  UniqueFd listener_;
  int port_ = 0;
  UniqueFd wake_;  // Closed to end the thread.
  UniqueFd woken_;
  std::list<Line> lines_;  // Of the thread alone.
  mutable std::mutex mutex_;
  Harm harm_{};  // Guarded by mutex_, as is the next one.
  std::size_t passed_[2] = {0, 0};
  std::size_t held_ = 0;
  std::minstd_rand random_{1};
  std::thread thread_;
};

}  // namespace rz::test
