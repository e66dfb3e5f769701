#include "rz/cli/screen.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <csignal>

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

std::atomic<int> g_fd{-1};  // Of the Screen; -1: there is none.
volatile std::sig_atomic_t g_resumed = 0;

void tell(std::string_view sequence) noexcept {
  const int fd = g_fd.load();
  if (fd < 0) return;
  [[maybe_unused]] const auto written = ::write(fd, sequence.data(), sequence.size());
}

void handle_stop(void (*handler)(int)) noexcept {
  struct sigaction action {};
  action.sa_handler = handler;
  action.sa_flags = SA_RESTART;
  ::sigaction(SIGTSTP, &action, nullptr);
}

// Whoever gets the terminal back while this process is stopped gets it as it was.
void stop(int signal) {
  const int error = errno;
  tell(kLeave);
  handle_stop(SIG_DFL);
  sigset_t this_one;
  ::sigemptyset(&this_one);
  ::sigaddset(&this_one, signal);
  ::raise(signal);
  ::pthread_sigmask(SIG_UNBLOCK, &this_one, nullptr);  // It stops here, and goes on here.
  handle_stop(stop);
  tell(kEnter);
  g_resumed = 1;
  errno = error;
}

std::size_t rows_of(int fd) {
  winsize size{};
  if (::ioctl(fd, TIOCGWINSZ, &size) != 0 || size.ws_row == 0) return kRowsIfUnknown;
  return size.ws_row;
}

}  // namespace

Screen::Screen(int fd) : fd_(fd) {
  g_fd = fd;
  (void)write_all(fd_, kEnter).has_value();
  // Where it is ignored, nobody could have the program go on.
  struct sigaction before {};
  ::sigaction(SIGTSTP, nullptr, &before);
  if (before.sa_handler != SIG_IGN) handle_stop(stop);
}

Screen::~Screen() {
  struct sigaction present {};
  ::sigaction(SIGTSTP, nullptr, &present);
  if (present.sa_handler == stop) handle_stop(SIG_DFL);
  (void)write_all(fd_, kLeave).has_value();
  g_fd = -1;
}

bool Screen::take_resumed() {
  const bool resumed = g_resumed != 0;
  g_resumed = 0;
  return resumed;
}

void leave_screen() noexcept { tell(kLeave); }

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
