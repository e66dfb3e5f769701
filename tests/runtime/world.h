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
                 const std::string& url = "memory:", Clock& clock = SystemClock::instance())
      : parts_(std::make_unique<Parts>(home.write("rz.yaml", config), url, clock)) {}
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
    Parts(std::string file, const std::string& url, Clock& clock)
        : runtime({.config = std::move(file),
                   .storage_url = url,
                   .storage_source = "--storage",
                   .log = [this](metrics::MetricsLogLevel,
                                 std::string_view line) { logged += std::string(line) + "\n"; },
                   .callback = {}},
                  notices, clock) {}

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
