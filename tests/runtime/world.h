#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "rz/runtime/runtime.h"
#include "support/bare_home.h"

namespace rz::testing {

/// A runtime in a home of its own, with this configuration, and what it has to say. If a thread was
/// left behind that may still use the runtime, the runtime is never destroyed.
class World {
 public:
  explicit World(const std::string& config,
                 const std::string& url = "memory:", Clock& clock = SystemClock::instance(),
                 ModeCallback callback = {})
      : parts_(std::make_unique<Parts>(home.write("rz.yaml", config), url, clock,
                                       std::move(callback))) {}
  ~World() {
    // Reachable for ever, so that it counts as no leak.
    static auto* const left_behind = new std::vector<std::unique_ptr<Parts>>();
    if (runtime.threads_abandoned) left_behind->push_back(std::move(parts_));
  }
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  std::vector<std::string> warnings() const { return notices.warnings(); }

  BareHome home;

 private:
  struct Parts {
    Parts(std::string file, const std::string& url, Clock& clock, ModeCallback callback)
        : runtime({.config = std::move(file),
                   .storage_url = url,
                   .storage_source = "--storage",
                   .log = [this](metrics::MetricsLogLevel,
                                 std::string_view line) { logged += std::string(line) + "\n"; },
                   .callback = instead_of_programs(std::move(callback))},
                  notices, clock) {}

    /// What calls `callback` where a program is configured; null: the program.
    static std::function<ModeCallback(const CommandOptions&)> instead_of_programs(
        ModeCallback callback) {
      if (!callback) return {};
      return [callback = std::move(callback)](const CommandOptions&) { return callback; };
    }

    std::string logged;
    Notices notices;
    runtime::Runtime runtime;
  };
  std::unique_ptr<Parts> parts_;

 public:
  std::string& logged = parts_->logged;
  Notices& notices = parts_->notices;
  runtime::Runtime& runtime = parts_->runtime;
};

}  // namespace rz::testing
