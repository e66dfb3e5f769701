#include "rz/cond/character.h"

#include <fmt/format.h>

#include <algorithm>

#include "rz/base/text.h"

namespace rz::cond {
namespace {

// The length that the first byte of a sequence announces.
std::size_t announced_size(char first) {
  const auto lead = static_cast<unsigned char>(first);
  return lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
}

char32_t decode(std::string_view character) {
  if (character.size() == 1) return static_cast<unsigned char>(character[0]);
  char32_t value = static_cast<unsigned char>(character[0]) & (0x7Fu >> character.size());
  for (const char c : character.substr(1)) {
    value = (value << 6) | (static_cast<unsigned char>(c) & 0x3Fu);
  }
  return value;
}

bool is_blank(char32_t c) {
  struct Range {
    char32_t first, last;
  };
  static constexpr Range kInvisible[] = {
      {0x00, 0x20},     {0x7F, 0xA0},     {0xAD, 0xAD},     {0x1680, 0x1680},  {0x180E, 0x180E},
      {0x2000, 0x200F}, {0x2028, 0x202F}, {0x205F, 0x206F}, {0x3000, 0x3000},  {0x3164, 0x3164},
      {0xFEFF, 0xFEFF}, {0xFFF9, 0xFFFB}, {0xE000, 0xF8FF}, {0xE0000, 0xE0FFF}};
  return std::any_of(std::begin(kInvisible), std::end(kInvisible),
                     [c](const Range& r) { return c >= r.first && c <= r.last; });
}

}  // namespace

std::string name_character(std::string_view text) {
  const std::string_view character = text.substr(0, announced_size(text.front()));
  if (find_invalid_utf8(character)) {
    return fmt::format("the byte 0x{:02x}", static_cast<unsigned char>(text.front()));
  }
  const char32_t c = decode(character);
  if (!is_blank(c) && display_width(character) > 0) return "'" + std::string(character) + "'";
  return fmt::format("U+{:04X}", static_cast<std::uint32_t>(c));
}

std::string visible(std::string_view text) {
  std::string result;
  while (!text.empty()) {
    const std::string_view character = text.substr(0, announced_size(text.front()));
    const bool valid = !find_invalid_utf8(character);
    if (!valid || character.size() == 1) {
      result += printable(text.substr(0, 1));
      text.remove_prefix(1);
      continue;
    }
    // What has no width belongs to the letter before it, as an accent does.
    const char32_t c = decode(character);
    result += is_blank(c) ? fmt::format("<U+{:04X}>", static_cast<std::uint32_t>(c))
                          : std::string(character);
    text.remove_prefix(character.size());
  }
  return result;
}

}  // namespace rz::cond
