#include "rz/profile/elf_file.h"

#include <doctest/doctest.h>

#include "rz/base/file.h"
#include "support/paths.h"

namespace rz::profile {
namespace {

const std::string kProgram = test::build_dir() + "/bin/profiled_program";

// The first address of a function, found by asking for all of them.
std::uint64_t address_of(const ElfFile& file, const std::string& name) {
  for (std::uint64_t address = 0x1000; address < 0x3000; ++address) {
    if (file.function_at(address) == name) return address;
  }
  return 0;
}

}  // namespace

TEST_CASE("the functions of a program are found by their addresses") {
  const auto file = read_elf_file(kProgram);
  REQUIRE(file.has_value());
  CHECK(is_dynamic(kProgram) == true);
  CHECK(file->build_id().size() % 2 == 0);
  const std::uint64_t busy = address_of(*file, "busy_part");
  REQUIRE(busy > 0);
  CHECK(file->function_at(busy + 1) == "busy_part");
  CHECK(file->function_at(busy - 1) != "busy_part");
  CHECK(file->function_at(0) == "");
  CHECK(file->function_at(~0ULL) == "");
  CHECK(file->address_of(~0ULL) == std::nullopt);
}

TEST_CASE("what is no program is refused, and nothing breaks on a damaged one") {
  CHECK_FALSE(ElfFile::read("").has_value());
  CHECK_FALSE(ElfFile::read("#!/bin/sh\n").has_value());
  CHECK_FALSE(read_elf_file("/nonexistent").has_value());
  const auto whole = read_file(kProgram, 1 << 24);
  REQUIRE(whole.has_value());
  for (std::size_t size = 0; size < whole->size(); size += 97) {
    if (const auto file = ElfFile::read(whole->substr(0, size))) (void)file->function_at(0x1139);
  }
  for (std::size_t at = 0; at < whole->size(); at += 11) {
    std::string damaged = *whole;
    damaged[at] = static_cast<char>(~damaged[at]);
    if (const auto file = ElfFile::read(damaged)) (void)file->function_at(0x1139);
  }
}

}  // namespace rz::profile
