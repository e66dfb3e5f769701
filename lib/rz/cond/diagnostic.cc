#include "rz/cond/diagnostic.h"

#include <algorithm>

#include "rz/base/text.h"

namespace rz::cond {
namespace {

constexpr std::size_t kMaxColumns = 76;  // With the two columns of indent, an 80-column terminal.
constexpr std::size_t kContext = 30;     // Bytes of a long line that are kept before the place.

bool is_continuation(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

std::size_t code_points(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return !is_continuation(c); }));
}

// A tab is one column here, whatever the terminal makes of it.
std::string shown(std::string_view text) {
  std::string flat(text);
  std::replace(flat.begin(), flat.end(), '\t', ' ');
  return printable(flat);
}

}  // namespace

Error to_error(std::string_view text, const Diagnostic& diagnostic, ErrorCode code) {
  const std::size_t begin = std::min<std::size_t>(diagnostic.span.begin, text.size());
  const std::size_t last_break = begin == 0 ? std::string_view::npos : text.rfind('\n', begin - 1);
  const std::size_t line_begin = last_break == std::string_view::npos ? 0 : last_break + 1;
  const std::size_t line_end = std::min(text.find('\n', begin), text.size());
  const auto line_number =
      1 + std::count(text.begin(), text.begin() + static_cast<long>(begin), '\n');
  const std::size_t column = 1 + code_points(text.substr(line_begin, begin - line_begin));

  std::size_t cut_begin = line_begin;
  std::string lead;
  if (line_end - line_begin > kMaxColumns && begin - line_begin > kContext) {
    cut_begin = begin - kContext;
    while (cut_begin < begin && is_continuation(text[cut_begin])) ++cut_begin;
    lead = "…";
  }
  const std::size_t end = std::clamp<std::size_t>(diagnostic.span.end, begin, line_end);
  const std::string before = lead + shown(text.substr(cut_begin, begin - cut_begin));
  const std::string line =
      ellipsize(before + shown(text.substr(begin, line_end - begin)), kMaxColumns);
  const std::size_t indent = display_width(before);
  const std::size_t room = kMaxColumns > indent ? kMaxColumns - indent : 1;
  const std::size_t width =
      std::clamp<std::size_t>(display_width(shown(text.substr(begin, end - begin))), 1, room);

  const std::string where =
      "condition:" + std::to_string(line_number) + ":" + std::to_string(column);
  if (trim(line).empty()) return Error{code, diagnostic.message, where};
  std::string message = diagnostic.message;
  message.append("\n  ").append(line).append("\n  ").append(indent, ' ').append("^");
  message.append(width - 1, '~');
  return Error{code, std::move(message), where};
}

}  // namespace rz::cond
