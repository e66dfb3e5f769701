#include "rz/profile/gperftools_profile.h"

#include <doctest/doctest.h>

#include <cstring>

#include "rz/base/file.h"
#include "rz/profile/folded.h"
#include "support/paths.h"

namespace rz::profile {
namespace {

std::string words_of(std::initializer_list<std::uint64_t> words) {
  std::string bytes;
  for (const std::uint64_t word : words) {
    bytes.append(reinterpret_cast<const char*>(&word), sizeof word);
  }
  return bytes;
}

const std::string kMaps =
    "1000-2000 r-xp 00000000 08:01 42    /nonexistent/lib;x.so (deleted)\n"
    "2000-3000 rw-p 00000000 08:01 42    /nonexistent/data\n"
    "3000-4000 r-xp 00000000 00:00 0     [vdso]\n"
    "what is this\n";

std::string sample_bytes() {
  const auto bytes =
      read_file(test::source_dir() + "/tests/profile/samples/gperftools.cpu", 1 << 20);
  REQUIRE(bytes.has_value());
  return *bytes;
}

}  // namespace

TEST_CASE("the stacks of gperftools are read, with the files that they are of") {
  const auto read = read_gperftools_profile(
      words_of({0, 3, 0, 4000, 0, 2, 2, 0x1010, 0x3001, 5, 1, 0x9000, 0, 1, 0}) + kMaps);
  REQUIRE(read.has_value());
  CHECK(read->period_us == 4000);
  REQUIRE(read->stacks.size() == 2);
  CHECK(read->stacks[0].count == 2);
  CHECK(read->stacks[0].addresses == std::vector<std::uint64_t>{0x1010, 0x3001});
  REQUIRE(read->mappings.size() == 2);
  CHECK(read->mappings[0].path == "/nonexistent/lib;x.so (deleted)");

  Profile profile({{"cpu", Unit::nanoseconds}});
  add_samples(*read, profile);
  CHECK(to_folded(profile, 0) == "[unknown] 20000000\n[vdso];[lib:x.so (deleted)] 8000000\n");
}

TEST_CASE("a whole profile of gperftools has all of its samples") {
  const auto read = read_gperftools_profile(sample_bytes());
  REQUIRE(read.has_value());
  CHECK(read->period_us == 10'000);
  std::uint64_t samples = 0;
  for (const AddressStack& stack : read->stacks) samples += stack.count;
  // As its google-pprof counts them.
  CHECK(samples == 61);
  REQUIRE_FALSE(read->mappings.empty());
  CHECK(read->mappings[0].path == "/tmp/spin");
}

TEST_CASE("a profile of gperftools that is cut off or damaged is refused, and nothing breaks") {
  const std::string whole = sample_bytes();
  const std::size_t maps = whole.find("-");
  for (std::size_t size = 0; size + 64 < maps; size += 3) {
    CHECK_FALSE(read_gperftools_profile(whole.substr(0, size)).has_value());
  }
  for (std::size_t at = 0; at < whole.size(); at += 5) {
    std::string damaged = whole;
    damaged[at] = static_cast<char>(~damaged[at]);
    const auto read = read_gperftools_profile(damaged);
    if (read) CHECK(read->stacks.size() < whole.size());
  }
  CHECK_FALSE(read_gperftools_profile(words_of({0, 3, 0, 0, 0, 0, 1, 0})).has_value());
  CHECK_FALSE(read_gperftools_profile(words_of({0, 3, 0, 10, 0, 1, ~0ULL, 0})).has_value());
  CHECK_FALSE(read_gperftools_profile(words_of({0, ~0ULL, 0, 10, 0, 0, 1, 0})).has_value());
}

}  // namespace rz::profile
