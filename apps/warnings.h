#pragma once

#include <cstddef>
#include <string>

#include "rz/base/counted.h"
#include "rz/cli/program.h"

namespace rz::apps {

/// Warnings of a kind: the first few, and how many more there were.
class Warnings {
 public:
  explicit Warnings(cli::Context& context) : context_(context) {}

  void add(const std::string& text) {
    if (++count_ <= kShown) context_.warn(text);
  }

  /// `what` names one of them.
  void finish(const std::string& what) const {
    if (count_ <= kShown) return;
    context_.warn(counted(count_ - kShown, "more " + what));
  }

  bool any() const { return count_ > 0; }

 private:
  static constexpr std::size_t kShown = 20;

  cli::Context& context_;
  std::size_t count_ = 0;
};

}  // namespace rz::apps
