#include "rz/reports/writing/gzip.h"

#include <algorithm>
#include <array>
#include <cstdint>

namespace rz::reports {
namespace {

constexpr std::size_t kMostStored = 65'535;  // Bytes of a block.

constexpr auto kCrcTable = [] {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t i = 0; i < 256; ++i) {
    std::uint32_t crc = i;
    for (int bit = 0; bit < 8; ++bit) crc = (crc & 1U) != 0 ? 0xEDB88320U ^ (crc >> 1) : crc >> 1;
    table[i] = crc;
  }
  return table;
}();

std::uint32_t crc_of(std::string_view bytes) {
  std::uint32_t crc = 0xFFFFFFFFU;
  for (const char c : bytes) {
    crc = kCrcTable[(crc ^ static_cast<unsigned char>(c)) & 0xFFU] ^ (crc >> 8);
  }
  return ~crc;
}

/// The least byte first.
void append_number(std::string& out, std::uint32_t number, int bytes) {
  for (int i = 0; i < bytes; ++i) out += static_cast<char>((number >> (8 * i)) & 0xFFU);
}

}  // namespace

std::string stored_gzip(std::string_view bytes) {
  using namespace std::string_view_literals;
  // Deflate; no flags, no time, an unknown system.
  std::string out("\x1f\x8b\x08\0\0\0\0\0\0\xff"sv);
  std::string_view rest = bytes;
  do {
    const std::string_view block = rest.substr(0, kMostStored);
    rest.remove_prefix(block.size());
    out += rest.empty() ? '\1' : '\0';
    const auto size = static_cast<std::uint32_t>(block.size());
    append_number(out, size, 2);
    append_number(out, ~size, 2);
    out += block;
  } while (!rest.empty());
  append_number(out, crc_of(bytes), 4);
  append_number(out, static_cast<std::uint32_t>(bytes.size()), 4);
  return out;
}

}  // namespace rz::reports
