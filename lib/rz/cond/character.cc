#include "rz/cond/character.h"

#include <fmt/format.h>

#include <algorithm>

#include "rz/base/text.h"

namespace rz::cond {
namespace {

// Blanks, and what a terminal shows as nothing.
bool is_invisible(char32_t c) {
  struct Range {
    char32_t first, last;
  };
  static constexpr Range kInvisible[] = {
      {0x20, 0x20},     {0xA0, 0xA0},     {0xAD, 0xAD},      {0x1680, 0x1680}, {0x180E, 0x180E},
      {0x2000, 0x200F}, {0x2028, 0x202F}, {0x205F, 0x206F},  {0x3000, 0x3000}, {0x3164, 0x3164},
      {0xFFF9, 0xFFFB}, {0xE000, 0xF8FF}, {0xE0000, 0xE0FFF}};
  return is_unprintable(c) ||
         std::any_of(std::begin(kInvisible), std::end(kInvisible),
                     [c](const Range& r) { return c >= r.first && c <= r.last; });
}

}  // namespace

std::string name_character(std::string_view text) {
  const CodePoint c = decode_utf8(text);
  if (c.size == 0) return fmt::format("the byte 0x{:02x}", static_cast<unsigned char>(text[0]));
  const std::string_view character = text.substr(0, c.size);
  if (!is_invisible(c.value) && display_width(character) > 0) {
    return "'" + std::string(character) + "'";
  }
  return fmt::format("U+{:04X}", static_cast<std::uint32_t>(c.value));
}

std::string visible(std::string_view text) {
  std::string result;
  while (!text.empty()) {
    const CodePoint c = decode_utf8(text);
    const std::string_view character = text.substr(0, std::max<std::size_t>(c.size, 1));
    // What has no width belongs to the letter before it, as an accent does.
    if (c.size <= 1) {
      result += printable(character);
    } else if (is_invisible(c.value)) {
      result += fmt::format("<U+{:04X}>", static_cast<std::uint32_t>(c.value));
    } else {
      result += character;
    }
    text.remove_prefix(character.size());
  }
  return result;
}

}  // namespace rz::cond
