#include "rz/cli/progress.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "rz/base/file.h"
#include "rz/base/text.h"

namespace rz::cli {
namespace {

// Shorter work needs no progress; the pause is short enough to look alive and long enough to cost
// nothing.
constexpr auto kQuietTime = std::chrono::seconds{1};
constexpr auto kPause = std::chrono::milliseconds{200};

std::string count(double n) {
  if (n < 10'000) return fmt::format("{:.0f}", n);
  if (n < 1e6) return fmt::format("{:.1f} k", n / 1e3);
  return fmt::format("{:.1f} M", n / 1e6);
}

}  // namespace

Progress::Progress(bool quiet)
    : enabled_(!quiet && ::isatty(STDERR_FILENO) == 1),
      begin_(std::chrono::steady_clock::now()),
      next_(begin_ + kQuietTime) {}

bool Progress::due() { return enabled_ && std::chrono::steady_clock::now() >= next_; }

void Progress::show(std::string_view text) {
  if (!enabled_) return;
  next_ = std::chrono::steady_clock::now() + kPause;
  shown_ = true;
  const std::string line = "\r\x1b[K" + ellipsize(printable(text), 79);
  (void)write_all(STDERR_FILENO, line).has_value();
}

void Progress::clear() {
  if (!shown_) return;
  shown_ = false;
  (void)write_all(STDERR_FILENO, "\r\x1b[K").has_value();
}

std::chrono::duration<double> Progress::elapsed() const {
  return std::chrono::steady_clock::now() - begin_;
}

// ---- Waiting

namespace {

// Whether a line is shown now. Guarded, since messages come from other threads too.
std::mutex g_mutex;
bool g_shown = false;

void erase_shown() {
  if (g_shown) (void)write_all(STDERR_FILENO, "\r\x1b[K").has_value();
  g_shown = false;
}

}  // namespace

struct Waiting::Line {
  explicit Line(std::string text) : what(std::move(text)), thread([this] { show(); }) {}
  ~Line() {
    {
      const std::lock_guard lock(g_mutex);
      ended = true;
      erase_shown();
    }
    changed.notify_all();
    thread.join();
  }

  void show() {
    const auto begin = std::chrono::steady_clock::now();
    std::unique_lock lock(g_mutex);
    for (int seconds = 1;; ++seconds) {
      const auto next = begin + std::chrono::seconds{seconds};
      if (changed.wait_until(lock, next, [this] { return ended; })) return;
      const std::string time = fmt::format(" ({} s)", seconds);
      const std::string text = ellipsize("waiting for " + printable(what), 79 - time.size()) + time;
      (void)write_all(STDERR_FILENO, "\r\x1b[K" + text).has_value();
      g_shown = true;
    }
  }

  std::string what;
  bool ended = false;
  std::condition_variable changed;
  std::thread thread;
};

Waiting::Waiting(std::string what, bool quiet) {
  if (!quiet && ::isatty(STDERR_FILENO) == 1) line_ = std::make_unique<Line>(std::move(what));
}

Waiting::~Waiting() = default;

void Waiting::change(std::string what) {
  if (!line_) return;
  const std::lock_guard lock(g_mutex);
  line_->what = std::move(what);
}

void Waiting::make_room() {
  const std::lock_guard lock(g_mutex);
  erase_shown();
}

std::string describe_progress(std::uint64_t records, std::uint64_t consumed, std::uint64_t size,
                              std::chrono::duration<double> elapsed) {
  const double seconds = elapsed.count();
  const auto n = static_cast<double>(records);
  std::string text;
  if (size > 0) {
    const double share = std::min(1.0, static_cast<double>(consumed) / static_cast<double>(size));
    text = fmt::format("{:3.0f} %  ", 100 * share);
  }
  text += fmt::format("{} records", count(n));
  if (seconds > 0) text += fmt::format(", {}/s", count(n / seconds));
  if (size > 0 && consumed > 0 && consumed < size) {
    const double left =
        seconds * static_cast<double>(size - consumed) / static_cast<double>(consumed);
    text += fmt::format("  {:.0f} s left", left);
  }
  return text;
}

}  // namespace rz::cli
