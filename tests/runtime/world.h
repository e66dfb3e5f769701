#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "rz/runtime/runtime.h"
#include "support/bare_home.h"

namespace rz::testing {

/// A runtime in a home of its own, with this configuration, and what it has to say.
struct World {
  explicit World(const std::string& config, const std::string& url = "memory:")
      : runtime({.config = home.write("rz.yaml", config),
                 .storage_url = url,
                 .storage_source = "--storage",
                 .log = [this](metrics::MetricsLogLevel,
                               std::string_view line) { logged += std::string(line) + "\n"; },
                 .callback = {}},
                notices) {}

  std::vector<std::string> warnings() const { return notices.warnings(); }

  BareHome home;
  std::string logged;
  Notices notices;
  runtime::Runtime runtime;
};

}  // namespace rz::testing
