#include "rz/cond/diagnostic.h"

#include <algorithm>

#include "rz/base/text.h"

namespace rz::cond {
namespace {

constexpr std::size_t kMaxColumns = 76;  // With the two columns of indent, an 80-column terminal.
constexpr std::size_t kContext = 30;     // Columns of a long line that are kept before the place.
constexpr std::size_t kMaxBytes = 4 * kMaxColumns;  // What can be seen of a line, at most.
constexpr std::string_view kCut = "…";

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

// The last `columns` columns of `text`, which is printable UTF-8, with `…` for what was cut.
std::string keep_end(std::string text, std::size_t columns) {
  const std::string_view all = text;
  std::size_t width = display_width(all);
  std::size_t begin = 0;
  while (width + 1 > columns) {
    std::size_t next = begin + 1;
    while (next < all.size() && is_continuation(all[next])) ++next;
    width -= display_width(all.substr(begin, next - begin));
    begin = next;
  }
  return std::string(kCut).append(text, begin);
}

/// What stands before the place on its line, and the place with what is behind it.
struct Line {
  std::string before;
  std::string rest;
};

Line visible_line(std::string_view before, std::string_view rest) {
  std::size_t begin = before.size() > kMaxBytes ? before.size() - kMaxBytes : 0;
  const bool cut = begin > 0;
  while (begin < before.size() && is_continuation(before[begin])) ++begin;
  Line line{shown(before.substr(begin)), shown(rest.substr(0, kMaxBytes))};
  const std::size_t width = display_width(line.before);
  if ((cut || width + display_width(line.rest) > kMaxColumns) && width > kContext) {
    line.before = keep_end(std::move(line.before), kContext);
  }
  line.rest = ellipsize(line.rest, kMaxColumns - display_width(line.before));
  return line;
}

}  // namespace

Error to_error(std::string_view text, const Diagnostic& diagnostic, ErrorCode code,
               const Source& source) {
  const std::size_t begin = std::min<std::size_t>(diagnostic.span.begin, text.size());
  const std::size_t last_break = begin == 0 ? std::string_view::npos : text.rfind('\n', begin - 1);
  const std::size_t line_begin = last_break == std::string_view::npos ? 0 : last_break + 1;
  const std::size_t line_end = std::min(text.find('\n', begin), text.size());
  const std::size_t end = std::clamp<std::size_t>(diagnostic.span.end, begin, line_end);
  const std::string_view before = text.substr(line_begin, begin - line_begin);

  const auto line_number =
      source.first_line + static_cast<std::size_t>(std::count(
                              text.begin(), text.begin() + static_cast<long>(begin), '\n'));
  const std::string where = std::string(source.name) + ":" + std::to_string(line_number) + ":" +
                            std::to_string(1 + code_points(before));

  const Line line = visible_line(before, text.substr(begin, line_end - begin));
  if (trim(line.before + line.rest).empty()) return Error{code, diagnostic.message, where};
  const std::string marked = shown(text.substr(begin, std::min(end - begin, kMaxBytes)));
  const std::size_t room = std::max<std::size_t>(display_width(line.rest), 1);
  const std::size_t width = std::clamp<std::size_t>(display_width(marked), 1, room);
  std::string message = diagnostic.message;
  message.append("\n  ").append(line.before).append(line.rest);
  message.append("\n  ").append(display_width(line.before), ' ').append("^");
  message.append(width - 1, '~');
  return Error{code, std::move(message), where};
}

}  // namespace rz::cond
