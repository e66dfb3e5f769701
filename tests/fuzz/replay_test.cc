// The inputs that fuzzing found worth keeping go through the targets once more.

#include <doctest/doctest.h>

#include <string>
#include <string_view>

#include "fuzz/fuzz_targets.h"
#include "rz/base/file.h"
#include "rz/base/text.h"
#include "support/paths.h"

namespace rz {
namespace {

std::string from_hex(std::string_view line) {
  std::string bytes;
  for (std::size_t i = 0; i + 1 < line.size(); i += 2) {
    bytes += static_cast<char>(std::stoi(std::string(line.substr(i, 2)), nullptr, 16));
  }
  return bytes;
}

/// The number of inputs: one a line, in hexadecimal, as scripts/fuzz keeps them.
int replay(const std::string& name, void (*target)(std::string_view)) {
  const auto inputs = read_file(test::source_dir() + "/tests/fuzz/corpus/" + name, 16 << 20);
  REQUIRE(inputs.has_value());
  int count = 0;
  for (const std::string_view line : split(*inputs, '\n')) {
    CAPTURE(std::string(line));
    target(from_hex(line));
    ++count;
  }
  return count;
}

}  // namespace

TEST_CASE("no input of the corpora breaks a promise") {
  CHECK(replay("condition", fuzz::condition) > 100);
  CHECK(replay("http", fuzz::http) > 20);
  CHECK(replay("ndjson", fuzz::ndjson) > 100);
  CHECK(replay("csv", fuzz::csv) > 100);
  CHECK(replay("redis", fuzz::redis) > 100);
  CHECK(replay("response", fuzz::response) > 100);
  CHECK(replay("serve", fuzz::serve) > 20);
  CHECK(replay("webhook", fuzz::webhook) > 20);
}

}  // namespace rz
