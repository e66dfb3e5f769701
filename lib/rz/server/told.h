#pragma once

#include <functional>
#include <set>
#include <string>

#include "rz/base/notices.h"

namespace rz::server {

/// Where the server tells what an operator should know, a line each. Called from any thread.
using Tell = std::function<void(const Notice&)>;

/// Passes on what is new: what was said in the round before, too, is not said again, so that an
/// outage of an hour is a line and not hundreds. For one thread.
class ToldOnce {
 public:
  explicit ToldOnce(Tell tell) : tell_(std::move(tell)) {}

  void say(const Notice& notice) {
    const bool first = this_round_.insert(notice.what).second;
    if (first && !last_round_.contains(notice.what)) tell_(notice);
  }
  void warn(std::string what) { say({Notice::Severity::warning, std::move(what)}); }
  void end_round() {
    last_round_ = std::move(this_round_);
    this_round_.clear();
  }

 private:
  Tell tell_;
  std::set<std::string> last_round_;
  std::set<std::string> this_round_;
};

}  // namespace rz::server
