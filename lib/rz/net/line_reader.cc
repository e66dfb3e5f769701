#include "rz/net/line_reader.h"

#include <array>

#include "rz/base/text.h"
#include "rz/base/try.h"

namespace rz::net {

Result<void> LineReader::read_more(Deadline deadline) {
  std::array<char, 1024> buffer{};
  TRY_ASSIGN(const std::size_t count, transport_.read_some(buffer, deadline));
  read_.append(buffer.data(), count);
  return {};
}

Result<std::string> LineReader::line(Deadline deadline) {
  constexpr std::size_t kMaxLine = 8 * 1024;
  std::size_t end = std::string::npos;
  while ((end = read_.find('\n')) == std::string::npos) {
    if (read_.size() > kMaxLine) {
      return fail(ErrorCode::corrupt, "the server sends a line without an end");
    }
    TRY(read_more(deadline));
  }
  std::string line = read_.substr(0, end);
  read_.erase(0, end + 1);
  if (line.ends_with('\r')) line.pop_back();
  return line;
}

Result<std::string> LineReader::bytes(std::size_t count, Deadline deadline) {
  while (read_.size() < count) TRY(read_more(deadline));
  std::string bytes = read_.substr(0, count);
  read_.erase(0, count);
  return bytes;
}

std::string quoted_answer(std::string_view answer) {
  constexpr std::size_t kShownColumns = 60;
  // Each byte is one column at least, or four where it is escaped.
  return "'" + ellipsize(printable(answer.substr(0, 4 * kShownColumns)), kShownColumns) + "'";
}

}  // namespace rz::net
