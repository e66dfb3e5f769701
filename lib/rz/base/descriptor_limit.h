#pragma once

#include <cstddef>
#include <optional>
#include <string>

namespace rz {

/// How many descriptors this process may have open (RLIMIT_NOFILE).
std::size_t descriptor_limit();

/// Why this process can open nothing just now; nothing: it can. For a library that failed and does
/// not tell why.
std::optional<std::string> descriptor_shortage();

/// Raises that to 4096, as far as the process may: hundreds of checks of the network run at the
/// same time, with up to three descriptors each, and the usual limit is 1024. A library must not
/// raise it, but a program may.
void allow_descriptors();

}  // namespace rz
