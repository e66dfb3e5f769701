#include "rz/base/descriptor_limit.h"

#include <fcntl.h>
#include <sys/resource.h>

#include <algorithm>
#include <cerrno>
#include <limits>

#include "rz/base/file.h"

namespace rz {

std::size_t descriptor_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return std::numeric_limits<std::size_t>::max();
  return limit.rlim_cur;
}

std::optional<std::string> descriptor_shortage() {
  const UniqueFd probe(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  if (probe || (errno != EMFILE && errno != ENFILE)) return std::nullopt;
  return errno_text(errno);
}

// No program that rz starts minds a number as small as this.
void allow_descriptors() {
  constexpr rlim_t kEnough = 4096;
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= kEnough) return;
  limit.rlim_cur = std::min(kEnough, limit.rlim_max);
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

}  // namespace rz
