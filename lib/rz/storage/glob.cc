#include "rz/storage/glob.h"

#include <algorithm>
#include <cstddef>

namespace rz::storage {
namespace {

unsigned char byte_at(std::string_view text, std::size_t at) {
  return static_cast<unsigned char>(text[at]);
}

/// Matches `byte` against the set whose content begins at `at` (after the `[`), and moves `at` past
/// its end. The order of the cases is that of stringmatchlen() in Redis' util.c: so `[a-]b]` is a
/// range from `a` to `]`.
bool matches_set(std::string_view glob, std::size_t& at, unsigned char byte) {
  const bool negated = at < glob.size() && glob[at] == '^';
  if (negated) ++at;
  bool found = false;
  for (; at < glob.size() && glob[at] != ']'; ++at) {
    const std::size_t left = glob.size() - at;
    if (glob[at] == '\\' && left >= 2) {
      found |= byte_at(glob, ++at) == byte;
    } else if (left >= 3 && glob[at + 1] == '-') {
      const auto [low, high] = std::minmax({byte_at(glob, at), byte_at(glob, at + 2)});
      found |= low <= byte && byte <= high;
      at += 2;
    } else {
      found |= byte_at(glob, at) == byte;
    }
  }
  if (at < glob.size()) ++at;
  return found != negated;
}

/// Matches `byte` against the one element at `at`, which is not a `*`, and moves `at` past it.
bool matches_element(std::string_view glob, std::size_t& at, unsigned char byte) {
  switch (glob[at]) {
    case '?': ++at; return true;
    case '[': return matches_set(glob, ++at, byte);
    case '\\':
      if (at + 1 < glob.size()) ++at;
      [[fallthrough]];
    default: return byte_at(glob, at++) == byte;
  }
}

}  // namespace

bool glob_matches(std::string_view glob, std::string_view text) {
  // On a mismatch only the last `*` takes more of the text. Letting an earlier one take more cannot
  // help, since the last one can match the same bytes. This keeps the time at O(len(glob) ·
  // len(text)).
  std::size_t after_star = std::string_view::npos;
  std::size_t star_text = 0;
  std::size_t at = 0;
  std::size_t position = 0;
  while (position < text.size()) {
    if (at < glob.size() && glob[at] == '*') {
      after_star = ++at;
      star_text = position;
    } else if (at < glob.size() && matches_element(glob, at, byte_at(text, position))) {
      ++position;
    } else if (after_star != std::string_view::npos) {
      at = after_star;
      position = ++star_text;
    } else {
      return false;
    }
  }
  while (at < glob.size() && glob[at] == '*') ++at;
  return at == glob.size();
}

std::string glob_escape(std::string_view text) {
  std::string escaped;
  escaped.reserve(text.size());
  for (const char c : text) {
    if (c == '*' || c == '?' || c == '[' || c == ']' || c == '\\') escaped += '\\';
    escaped += c;
  }
  return escaped;
}

std::string glob_literal_prefix(std::string_view glob) {
  std::string prefix;
  for (std::size_t at = 0; at < glob.size(); ++at) {
    if (glob[at] == '*' || glob[at] == '?' || glob[at] == '[') break;
    if (glob[at] == '\\' && at + 1 < glob.size()) ++at;
    prefix += glob[at];
  }
  return prefix;
}

}  // namespace rz::storage
