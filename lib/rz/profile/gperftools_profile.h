#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "rz/base/result.h"
#include "rz/profile/profile.h"

namespace rz::profile {

/// Addresses that were seen so often.
struct AddressStack {
  std::uint64_t count = 0;
  std::vector<std::uint64_t> addresses;  ///< The innermost first, as the profiler has them.
};

/// A part of a file in a process's memory, a line of /proc/PID/maps.
struct Mapping {
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
  std::uint64_t offset = 0;
  std::string path;
};

/// What libprofiler of gperftools writes.
struct GperftoolsProfile {
  std::int64_t period_us = 0;  ///< Between two samples.
  std::vector<AddressStack> stacks;
  std::vector<Mapping> mappings;  ///< Of code.
};

/// Reads the binary format of 64-bit machines with the least byte first.
/// Errors: corrupt.
Result<GperftoolsProfile> read_gperftools_profile(std::string_view bytes);

/// Adds its stacks to the first measure of `profile`, in nanoseconds. Names come from the files of
/// the mappings as they are now; where there is none it is that of the file, in brackets.
void add_samples(const GperftoolsProfile& samples, Profile& profile);

}  // namespace rz::profile
