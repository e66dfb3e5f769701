#pragma once

#include <string>
#include <string_view>

#include "rz/base/result.h"

namespace rz::cli {

/// A terminal that is drawn anew again and again: its alternate screen, so that nothing is left in
/// what can be scrolled back, and what was there before comes back at the end, and while the
/// program is stopped (Ctrl-Z). One at a time.
class Screen {
 public:
  /// `fd` is a terminal.
  explicit Screen(int fd);
  ~Screen();
  Screen(const Screen&) = delete;
  Screen& operator=(const Screen&) = delete;

  /// Shows `text`, lines that are printable but for colours, in place of what is shown, without a
  /// flicker. Errors: unavailable.
  Result<void> draw(std::string_view text);

  /// Whether it must be drawn anew, since the program was stopped and goes on. True once.
  bool take_resumed();

 private:
  int fd_;
};

/// Takes the terminal back from the Screen, if there is one. From a handler of a signal.
void leave_screen() noexcept;

/// What draws `text` on a terminal with so many rows: what does not fit is counted in the last one.
std::string frame_of(std::string_view text, std::size_t rows);

}  // namespace rz::cli
