#include "rz/net/sntp.h"

#include <algorithm>
#include <array>
#include <random>
#include <string_view>

#include "rz/base/text.h"
#include "rz/base/try.h"
#include "rz/net/datagram_socket.h"
#include "rz/net/no_answer.h"

namespace rz::net {
namespace {

using std::chrono::steady_clock;

constexpr std::size_t kPacketBytes = 48;
constexpr int kTries = 3;
constexpr double kSecondsOfUnit = 1.0 / 4294967296.0;  // A timestamp counts 2^-32 s.

// From 1900, where NTP counts from, to 1970. Timestamps wrap around in 2036 and later; differences
// of 64 bits are right all the same.
constexpr std::uint64_t kSecondsTo1970 = 2'208'988'800;

std::uint64_t timestamp_of(TimePoint time) {
  const auto micros = static_cast<std::uint64_t>(time.time_since_epoch().count());
  const std::uint64_t seconds = micros / 1'000'000 + kSecondsTo1970;
  return (seconds << 32) + ((micros % 1'000'000) << 32) / 1'000'000;
}

std::uint64_t read_timestamp(std::string_view packet, std::size_t at) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < 8; ++i)
    value = value << 8 | static_cast<unsigned char>(packet[at + i]);
  return value;
}

/// A question of version 4 by a client. Where its own time could stand there is a random number, by
/// which the answer is known: the server needs nothing else, and nobody can guess it.
std::string make_question(std::uint64_t token) {
  std::string packet(kPacketBytes, '\0');
  packet[0] = 0x23;
  for (std::size_t i = 0; i < 8; ++i) packet[40 + i] = static_cast<char>(token >> (56 - 8 * i));
  return packet;
}

std::uint64_t random_number() {
  std::random_device device;
  return std::uint64_t{device()} << 32 | device();
}

double seconds_between(std::uint64_t from, std::uint64_t to) {
  return static_cast<double>(static_cast<std::int64_t>(to - from)) * kSecondsOfUnit;
}

/// `t0` and `t3` are when the question was sent and the answer came, by our clock.
Result<SntpAnswer> read_answer(std::string_view packet, std::uint64_t t0, std::uint64_t t3) {
  const auto first = static_cast<unsigned char>(packet[0]);
  const int leap = first >> 6;
  const int stratum = static_cast<unsigned char>(packet[1]);
  if (stratum == 0) {
    const std::string code = printable(packet.substr(12, 4));
    return fail(ErrorCode::unavailable,
                "the server refuses to answer (kiss of death " + code + ")");
  }
  constexpr int kUnsynchronized = 16;
  if (leap == 3 || stratum >= kUnsynchronized) {
    return fail(ErrorCode::unavailable, "the clock of the server is not synchronized");
  }
  const std::uint64_t t1 = read_timestamp(packet, 32);
  const std::uint64_t t2 = read_timestamp(packet, 40);
  if (t1 == 0 || t2 == 0) return fail(ErrorCode::corrupt, "the answer holds no time");
  // Clocks are read in steps, so that a short way may seem to take less than no time.
  constexpr double kClockStep = 0.001;
  const double served = seconds_between(t1, t2);
  const double delay = seconds_between(t0, t3) - served;
  if (served < 0 || delay < -kClockStep) {
    return fail(ErrorCode::corrupt, "the times of the answer contradict each other");
  }
  return SntpAnswer{(seconds_between(t0, t1) + seconds_between(t3, t2)) / 2, std::max(0.0, delay),
                    stratum};
}

bool is_answer_to(std::string_view packet, std::uint64_t token) {
  constexpr int kServer = 4;
  return packet.size() >= kPacketBytes && (packet[0] & 7) == kServer &&
         read_timestamp(packet, 24) == token;
}

/// One question, and its answer or nothing until `end`. Errors: timeout, unavailable, corrupt.
Result<SntpAnswer> ask_once(DatagramSocket& socket, Clock& clock, Deadline end) {
  const std::uint64_t token = random_number();
  const TimePoint sent = clock.now();
  const auto begin = clock.monotonic();
  TRY(socket.send(make_question(token)));
  std::array<char, 1024> buffer{};
  while (true) {
    TRY_ASSIGN(const std::size_t size, socket.receive(buffer, end));
    // A clock that is set meanwhile is none of the server's.
    const auto waited = std::chrono::duration_cast<Micros>(clock.monotonic() - begin);
    const std::string_view packet(buffer.data(), size);
    // Anything else is late, or of a stranger.
    if (is_answer_to(packet, token)) {
      return read_answer(packet, timestamp_of(sent), timestamp_of(sent + waited));
    }
  }
}

}  // namespace

Result<SntpAnswer> ask_time(const std::string& host, std::uint16_t port, Clock& clock,
                            Deadline deadline) {
  DatagramSocket socket;
  TRY(socket.connect(host, port, deadline));
  Result<SntpAnswer> answer;
  for (int i = kTries; i > 0; --i) {
    const auto now = steady_clock::now();
    if (now >= deadline) break;
    answer = ask_once(socket, clock, now + (deadline - now) / i);
    if (answer || answer.error().code != ErrorCode::timeout) return answer;
  }
  return no_answer_in_time();
}

}  // namespace rz::net
