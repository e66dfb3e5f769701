// The inputs that fuzzing found worth keeping go through the targets once more.

#include <doctest/doctest.h>

#include <filesystem>
#include <string>

#include "fuzz/fuzz_targets.h"
#include "rz/base/file.h"

namespace rz {
namespace {

int replay(const std::string& name, void (*target)(std::string_view)) {
  int count = 0;
  const std::string folder = std::string(RZ_SOURCE_DIR) + "/tests/fuzz/corpus/" + name;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    const auto input = read_file(entry.path(), 1 << 20);
    REQUIRE(input.has_value());
    CAPTURE(entry.path().string());
    target(*input);
    ++count;
  }
  return count;
}

}  // namespace

TEST_CASE("no input of the corpora breaks a promise") {
  CHECK(replay("condition", fuzz::condition) > 10);
  CHECK(replay("ndjson", fuzz::ndjson) > 10);
  CHECK(replay("csv", fuzz::csv) > 10);
}

}  // namespace rz
