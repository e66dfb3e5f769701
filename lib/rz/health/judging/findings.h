#pragma once

#include <string>
#include <utility>

#include "rz/base/text.h"
#include "rz/health/health_check.h"

namespace rz::health {

/// What a check finds wrong, one thing after the other: the worst counts, and all are told.
class Findings {
 public:
  void add(HealthStatus status, const std::string& what) {
    status_ = worst(status_, status);
    text_ += (text_.empty() ? "" : "; ") + what;
  }

  HealthStatus status() const { return status_; }
  bool empty() const { return text_.empty(); }
  const std::string& text() const { return text_; }

  /// `what` and, in brackets, all that is wrong with it.
  std::string after(const std::string& what) const {
    return empty() ? what : what + " (" + text_ + ")";
  }

  /// What is wrong, and in brackets `facts`, which are less than that; only `facts` if nothing is.
  std::string before(const std::string& facts) const {
    return empty() ? facts : text_ + " (" + facts + ")";
  }

 private:
  HealthStatus status_ = HealthStatus::healthy;
  std::string text_;
};

}  // namespace rz::health
