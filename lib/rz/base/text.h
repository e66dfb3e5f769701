#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "rz/base/result.h"

namespace rz {

/// ASCII only: bytes above 127 are never space, letter or digit, whatever the locale.
bool is_space(char c);
bool is_digit(char c);
bool is_alpha(char c);
char to_lower(char c);
std::string to_lower(std::string_view text);
bool equals_ignore_case(std::string_view a, std::string_view b);

/// What Windows programs put before UTF-8 text. It is not part of the text.
inline constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
std::string_view without_byte_order_mark(std::string_view text);

/// `text` without the ASCII white space at both ends. A view into `text`.
std::string_view trim(std::string_view text);

/// The pieces between separators; n separators give n + 1 pieces, empty ones included. They are
/// views into `text`, so a temporary string is refused.
std::vector<std::string_view> split(std::string_view text, char separator);
template <std::same_as<std::string> Dying>
std::vector<std::string_view> split(Dying&& text, char separator) = delete;

/// The pieces joined by `separator`.
std::string join(std::span<const std::string> pieces, std::string_view separator);

/// What may be chosen, for messages: `a`, `a or b`, `a, b or c`; empty for nothing.
std::string join_or(std::span<const std::string> choices);
std::string join_or(std::span<const std::string_view> choices);

/// The whole text as a decimal integer (an optional sign, no spaces). Nothing on junk or overflow.
std::optional<std::int64_t> parse_int(std::string_view text);

/// The value of a hexadecimal digit, in either case; -1: it is none.
int hex_digit(char c);

/// The whole text as hexadecimal digits. Nothing on junk (also a sign or `0x`) or overflow.
std::optional<std::uint64_t> parse_hex(std::string_view text);

/// The whole text as a finite double, C locale; underflow is 0. Nothing on junk, NaN or overflow.
std::optional<double> parse_double(std::string_view text);

/// The shortest decimal that reads back as the same double: `1` for 1.0, `0.1`, `1e+300`.
std::string format_double(double value);

/// A character of UTF-8.
struct CodePoint {
  char32_t value = 0;
  std::size_t size = 0;  ///< Bytes; 0 if the text does not start with a valid sequence.
};

/// The character that `text` starts with.
CodePoint decode_utf8(std::string_view text);

/// Whether a terminal would obey `c` or reorder the text around it (controls, line separators, the
/// bidirectional marks and controls), or would not show it (the byte order mark).
bool is_unprintable(char32_t c);

/// Offset of the first byte that is not UTF-8 (no overlong forms, no surrogates); nothing if valid.
std::optional<std::size_t> find_invalid_utf8(std::string_view text);

/// `text` with every character that is_unprintable(), and every byte that is not UTF-8, written as
/// `\xNN` (or `\n`, `\t`, `\r`), so that no data can control a terminal. Other UTF-8 stays as it
/// is, backslashes too.
std::string printable(std::string_view text);

/// The beginning of `text` that fits `max_columns` columns (see display_width), with `…` in the
/// last of them if something was cut off. Expects printable UTF-8.
std::string ellipsize(std::string_view text, std::size_t max_columns);

/// Columns that `text` takes on a terminal: 0 for combining marks, 2 for wide East Asian.
std::size_t display_width(std::string_view text);

/// The candidate nearest to `word` (Damerau-Levenshtein, at most a third of its length, at least
/// 1); nothing if none is near. Case differences cost nothing. For `did you mean 'severity'?`.
std::optional<std::string> nearest(std::string_view word, std::span<const std::string> candidates);

/// `; did you mean 'X'?`, or nothing: the tail of a message.
std::string suggestion(std::string_view word, std::span<const std::string> candidates);

/// Reads bytes as `0`, `512`, `10KiB`, `1.5GiB`, `10MB` (powers of 1000 without the i).
/// Errors: parse.
Result<std::uint64_t> parse_size(std::string_view text);

/// `10.0 MiB`, `512 B`: for people.
std::string humanize_size(std::uint64_t bytes);

/// Reads `80%` or `80 %` as 80.0.
/// Errors: parse (no sign, outside 0 to 100).
Result<double> parse_percent(std::string_view text);

}  // namespace rz
