#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>

#include "rz/base/notices.h"

namespace rz::server {

/// Where the server tells what an operator should know, a line each. Called from any thread.
using Tell = std::function<void(const Notice&)>;

/// Passes on what is new in a series of rounds, so that an outage of an hour is two lines and not
/// hundreds: one when it begins, and one, with the number of rounds, when it was not met for
/// kQuietRounds. What came in one round alone has no end that is told. Two notices that differ in a
/// duration alone (`no answer for 3s`) are the same. For one thread.
class ToldOnce {
 public:
  static constexpr int kQuietRounds = 3;

  explicit ToldOnce(Tell tell) : tell_(std::move(tell)) {}

  void say(const Notice& notice);
  void warn(std::string what) { say({Notice::Severity::warning, std::move(what)}); }
  void end_round();

 private:
  struct Known {
    std::string what;  ///< As it was told.
    std::uint64_t rounds = 0;
    int quiet_rounds = 0;
    bool met = false;  ///< In this round.
  };

  Tell tell_;
  std::map<std::string, Known> known_;  ///< By what is said, without durations.
};

}  // namespace rz::server
