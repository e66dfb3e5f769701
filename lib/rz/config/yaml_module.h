#pragma once

#include <string_view>

#include "rz/base/module.h"
#include "rz/config/yaml.h"

/// As rz::read_yaml. `document` must be empty.
extern "C" [[gnu::visibility("default")]] void rz_read_yaml(std::string_view text,
                                                            rz::config::YamlDocument& document);

namespace rz::config {

inline constexpr Module<decltype(rz_read_yaml)> kYamlModule{"yaml", "rz_read_yaml",
                                                            "libyaml-cpp0.7"};

}  // namespace rz::config
