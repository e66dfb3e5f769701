#pragma once

#include <functional>
#include <future>
#include <memory>
#include <string>
#include <utility>

#include "rz/health/check_runner.h"
#include "rz/health/health_check.h"

namespace rz::health {

/// A check that answers what the test tells it to.
class FakeCheck : public HealthCheck {
 public:
  using Body = std::function<CheckResult()>;

  FakeCheck(std::string name, Body body, Millis timeout = Millis{60'000})
      : name_(std::move(name)), body_(std::move(body)), timeout_(timeout) {}

  const std::string& name() const override { return name_; }
  std::string_view type() const override { return "fake"; }
  Millis timeout() const override { return timeout_; }
  CheckResult check() override { return body_(); }

 private:
  std::string name_;
  Body body_;
  Millis timeout_;
};

inline CheckResult found(HealthStatus status, std::string message = "said so") {
  CheckResult result;
  result.status = status;
  result.message = std::move(message);
  return result;
}

inline RegisteredCheck registered(std::string name, FakeCheck::Body body,
                                  CheckOptions options = {}) {
  return {std::make_shared<FakeCheck>(std::move(name), std::move(body)), std::move(options)};
}

inline RegisteredCheck registered(std::string name, HealthStatus status,
                                  CheckOptions options = {}) {
  return registered(
      std::move(name), [status] { return found(status); }, std::move(options));
}

/// What a stuck check waits for. Opens at the end of its life, so that the threads that a run left
/// behind come to an end.
class Gate {
 public:
  ~Gate() { opened_.set_value(); }

  /// A check that does not return while the gate lives, with a deadline of `timeout`.
  RegisteredCheck stuck(std::string name, Millis timeout, CheckOptions options = {}) {
    const auto body = [opened = open_] {
      opened.wait();
      return found(HealthStatus::healthy, "too late");
    };
    return {std::make_shared<FakeCheck>(std::move(name), body, timeout), std::move(options)};
  }

 private:
  std::promise<void> opened_;
  std::shared_future<void> open_ = opened_.get_future().share();
};

}  // namespace rz::health
