#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string_view>

#include "rz/cond/condition.h"

/// Decimal numbers out of records, at the speed of the disk.
namespace rz::cond {

/// Bytes behind every text of records that may be read, whatever they hold: what is compared and
/// counted in words of eight need not look for the end.
inline constexpr std::size_t kReadAhead = 64;

/// The eight bytes at `p`, the first one lowest.
inline std::uint64_t load_word(const char* p) {
  std::uint64_t word;
  std::memcpy(&word, p, sizeof word);
  if constexpr (std::endian::native == std::endian::big) word = __builtin_bswap64(word);
  return word;
}

/// High bits of the bytes of `word`, loaded by load_word() and XORed with '0's, that are not
/// digits. Right up to and including the first byte that is not ASCII.
inline std::uint64_t not_digits(std::uint64_t word) {
  // A digit became 0 to 9; 0x76 more sets the high bit of all others. An overflow, which reaches
  // the bytes behind, takes a byte above 0x89.
  return ((word + 0x7676767676767676) | word) & 0x8080808080808080;
}

/// The value of eight digits 0 to 9, the first one lowest.
inline std::uint64_t value_of_digits(std::uint64_t word) {
  word = word * 10 + (word >> 8);
  return ((word & 0x000000ff000000ff) * 0x000f424000000064 +
          ((word >> 16) & 0x000000ff000000ff) * 0x0000271000000001) >>
         32;
}

inline constexpr double kPowersOfTen[] = {1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7};

/// The whole text as a number: an int64, or a double where it has a fraction or an exponent; one
/// that is nearer to zero than any other double is 0. Nothing on junk, for a number beyond all
/// doubles, and for an integer beyond int64, unless it is exactly a double: no integer is rounded.
std::optional<ConditionValue> parse_number(std::string_view text);

enum class NumberState { none, ok, out_of_range };

/// What read_number() does with all numbers but short ones.
const char* read_long_number(const char* begin, ConditionValue* value, NumberState& state);

/// Reads the number at `begin`, as JSON writes it. Returns the place behind it; `state` is `none`
/// if there is none, `out_of_range` as for parse_number(). `value`, unless it is nullptr, becomes
/// an int64, or a double where it has a fraction or an exponent. kReadAhead bytes must be readable
/// behind every byte.
[[gnu::always_inline]] inline const char* read_number(const char* begin, ConditionValue* value,
                                                      NumberState& state) {
  const bool negative = *begin == '-';
  const char* const p = begin + negative;
  const std::uint64_t word = load_word(p) ^ 0x3030303030303030;
  const std::uint64_t others = not_digits(word);
  const unsigned whole = static_cast<unsigned>(std::countr_zero(others)) / 8;
  // Eight digits or more, none at all, or one zero too many.
  if (whole - 1u >= 7u || (*p == '0' && whole > 1)) [[unlikely]]
    return read_long_number(begin, value, state);

  if (p[whole] != '.') {
    if ((p[whole] | 0x20) == 'e') [[unlikely]]
      return read_long_number(begin, value, state);
    state = NumberState::ok;
    if (value != nullptr) {
      const auto i = static_cast<std::int64_t>(value_of_digits(word << (64 - 8 * whole)));
      *value = negative ? -i : i;
    }
    return p + whole;
  }
  const unsigned size = static_cast<unsigned>(std::countr_zero(others & (others - 1))) / 8;
  if (size >= 8 || size == whole + 1 || (p[size] | 0x20) == 'e')
    return read_long_number(begin, value, state);
  state = NumberState::ok;
  if (value != nullptr) {
    // The digits without the point between them. They are exact in a double, and so is the power of
    // ten: their quotient is the nearest double there is (Clinger).
    const std::uint64_t before = (std::uint64_t{1} << (8 * whole)) - 1;
    const std::uint64_t digits = (word & before) | ((word >> 8) & ~before);
    const auto all = static_cast<double>(value_of_digits(digits << (64 - 8 * (size - 1))));
    const double d = all / kPowersOfTen[size - 1 - whole];
    *value = negative ? -d : d;
  }
  return p + size;
}

}  // namespace rz::cond
