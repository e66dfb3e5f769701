#include "rz/cli/screen.h"

#include <sys/ioctl.h>

#include "rz/base/file.h"
#include "rz/base/text.h"

namespace rz::cli {
namespace {

// The alternate screen, where a line that is too long is cut off instead of taking two rows.
constexpr std::string_view kEnter = "\x1b[?1049h\x1b[?7l";
constexpr std::string_view kLeave = "\x1b[?7h\x1b[?1049l";
constexpr std::string_view kHome = "\x1b[H";
constexpr std::string_view kClearLine = "\x1b[K";
constexpr std::string_view kClearBelow = "\x1b[J";
constexpr std::size_t kRowsIfUnknown = 24;

std::size_t rows_of(int fd) {
  winsize size{};
  if (::ioctl(fd, TIOCGWINSZ, &size) != 0 || size.ws_row == 0) return kRowsIfUnknown;
  return size.ws_row;
}

}  // namespace

Screen::Screen(int fd) : fd_(fd) { (void)write_all(fd_, kEnter).has_value(); }

Screen::~Screen() { (void)write_all(fd_, kLeave).has_value(); }

// In one write, and each line is cleared only behind what is new in it, so that nothing flickers.
Result<void> Screen::draw(std::string_view text) {
  return write_all(fd_, frame_of(text, rows_of(fd_)));
}

std::string frame_of(std::string_view text, std::size_t rows) {
  if (text.ends_with('\n')) text.remove_suffix(1);
  const auto lines = split(text, '\n');
  const std::size_t shown = lines.size() > rows && rows > 0 ? rows - 1 : lines.size();
  std::string frame(kHome);
  for (std::size_t i = 0; i < shown; ++i) {
    if (i > 0) frame += "\r\n";
    frame.append(lines[i]).append(kClearLine);
  }
  if (shown < lines.size()) {
    frame += (shown > 0 ? "\r\n" : "");
    frame += "… and " + std::to_string(lines.size() - shown) + " more lines";
    frame += kClearLine;
  }
  return frame.append(kClearBelow);
}

}  // namespace rz::cli
