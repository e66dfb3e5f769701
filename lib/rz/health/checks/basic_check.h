#pragma once

#include <string>
#include <string_view>

#include "rz/base/duration.h"
#include "rz/health/check_options.h"
#include "rz/health/health_check.h"
#include "rz/health/judging/check_failure.h"
#include "rz/net/no_answer.h"

namespace rz::health {

/// The part of a check that every type shares: its name, its type, its deadline.
class BasicCheck : public HealthCheck {
 public:
  BasicCheck(std::string_view type, const CheckOptions& options)
      : type_(type), name_(options.name), timeout_(options.timeout) {}

  const std::string& name() const override { return name_; }
  std::string_view type() const override { return type_; }
  Millis timeout() const override { return timeout_; }

 protected:
  static CheckResult answer(HealthStatus status, std::string message,
                            Value metadata = Value::object()) {
    CheckResult result;
    result.status = status;
    result.message = std::move(message);
    result.metadata = std::move(metadata);
    return result;
  }

  /// For a check that ended with `error`.
  CheckResult failed(const Error& error, Value metadata = Value::object()) const {
    CheckResult result =
        answer(status_of_failure(asks(), error), text_of(error), std::move(metadata));
    result.failure = error;
    if (asks() != AskedParty::target && is_outage(error)) result.store_outage = error;
    return result;
  }

 private:
  // The network does not say how long it was given.
  std::string text_of(Error error) const {
    if (error.message.ends_with(net::kNoAnswerInTime)) {
      error.message.resize(error.message.size() - net::kNoAnswerInTime.size());
      error.message += "no answer within " + format_duration(timeout());
    }
    return to_string(error);
  }

  std::string_view type_;  ///< A literal.
  std::string name_;
  Millis timeout_;
};

}  // namespace rz::health
