#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace rz::cond {

/// A stretch of the condition's text: byte offsets, `end` exclusive.
struct Span {
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
};

enum class TokenKind : std::uint8_t {
  end,
  number,
  string,
  name,
  kw_and,
  kw_or,
  kw_not,
  kw_in,
  kw_true,
  kw_false,
  equal,
  not_equal,
  less,
  less_equal,
  greater,
  greater_equal,
  plus,
  minus,
  star,
  slash,
  percent,
  left_paren,
  right_paren,
  left_bracket,
  right_bracket,
  comma,
};

struct Token {
  TokenKind kind = TokenKind::end;
  Span span;
};

}  // namespace rz::cond
