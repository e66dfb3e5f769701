#include "rz/suites/config_suite.h"

#include <string>

#include "rz/base/try.h"
#include "rz/config/config.h"

namespace rz::suites {
namespace {

std::string config_with(int checks) {
  std::string text = "health:\n  checks:\n";
  for (int i = 0; i < checks; ++i) {
    text += "    - {type: tcp, name: port-" + std::to_string(i) +
            ", address: \"127.0.0.1:" + std::to_string(1024 + i) +
            "\", timeout: 2s, tags: [net], retries: 1}\n";
  }
  return text;
}

Result<bench::Operation> set_up_load(std::string text) {
  return bench::repeat([text = std::move(text)]() -> Result<void> {
    const auto no_variables = [](const std::string&) { return std::optional<std::string>(); };
    TRY_ASSIGN(const config::Config loaded, config::parse_config(text, "rz.yaml", no_variables));
    bench::do_not_optimize(loaded);
    return {};
  });
}

}  // namespace

std::vector<bench::Benchmark> config_suite() {
  return {{"config/load_empty", [] { return set_up_load(""); }},
          {"config/load_200", [] { return set_up_load(config_with(200)); }}};
}

}  // namespace rz::suites
