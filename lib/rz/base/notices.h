#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace rz {

/// Something that a person should know besides the answer.
struct Notice {
  enum class Severity {
    note,     ///< For a person who looks for the cause of a problem.
    warning,  ///< For every user.
  };
  Severity severity = Severity::note;
  std::string what;  ///< A sentence; may hold bytes from outside.

  bool operator==(const Notice&) const = default;
};

/// Collects what a person should know. With a listener each notice is passed on at once, in order;
/// without one they are kept. Not thread-safe.
class Notices {
 public:
  using Listener = std::function<void(const Notice&)>;

  Notices() = default;
  explicit Notices(Listener listener) : listener_(std::move(listener)) {}

  void note(std::string what) { add({Notice::Severity::note, std::move(what)}); }
  void warn(std::string what) { add({Notice::Severity::warning, std::move(what)}); }

  void add(Notice notice) {
    if (listener_) {
      listener_(notice);
    } else {
      kept_.push_back(std::move(notice));
    }
  }

  /// Adds what `other` has kept.
  void add(const Notices& other) {
    for (const Notice& notice : other.kept_) add(notice);
  }

  const std::vector<Notice>& kept() const { return kept_; }

  /// The warnings among those that were kept.
  std::vector<std::string> warnings() const {
    std::vector<std::string> warnings;
    for (const Notice& notice : kept_) {
      if (notice.severity == Notice::Severity::warning) warnings.push_back(notice.what);
    }
    return warnings;
  }

 private:
  Listener listener_;
  std::vector<Notice> kept_;
};

}  // namespace rz
