#pragma once

#include <stdlib.h>

#include <fstream>
#include <optional>
#include <string>

#include "support/temp_folder.h"

namespace rz::testing {

/// A variable of this process's environment for a while; null: not set.
class Variable {
 public:
  Variable(const char* name, const char* value) : name_(name) {
    if (const char* before = ::getenv(name)) before_ = before;
    set(value);
  }
  ~Variable() { set(before_ ? before_->c_str() : nullptr); }
  Variable(const Variable&) = delete;
  Variable& operator=(const Variable&) = delete;

 private:
  void set(const char* value) { value != nullptr ? ::setenv(name_, value, 1) : ::unsetenv(name_); }

  const char* name_;
  std::optional<std::string> before_;
};

/// A user with no configuration and no store but those that a test makes.
struct BareHome {
  TempFolder folder;
  Variable rz_config{"RZ_CONFIG", nullptr};
  Variable rz_storage_url{"RZ_STORAGE_URL", nullptr};
  Variable xdg_config_home{"XDG_CONFIG_HOME", folder.path().c_str()};
  Variable xdg_state_home{"XDG_STATE_HOME", folder.path().c_str()};

  /// The path of a new file of the folder.
  std::string write(const std::string& name, const std::string& text) const {
    std::ofstream(folder / name) << text;
    return folder / name;
  }
};

}  // namespace rz::testing
