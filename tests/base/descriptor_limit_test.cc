#include "rz/base/descriptor_limit.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/resource.h>

#include <cerrno>
#include <vector>

#include "rz/base/file.h"

namespace rz {

TEST_CASE("a process that may open nothing more knows why, and whose limit that is") {
  CHECK_FALSE(descriptor_shortage());
  rlimit before{};
  REQUIRE(::getrlimit(RLIMIT_NOFILE, &before) == 0);
  rlimit few = before;
  few.rlim_cur = 40;
  REQUIRE(::setrlimit(RLIMIT_NOFILE, &few) == 0);
  CHECK(descriptor_limit() == 40);
  std::vector<UniqueFd> all;
  for (int fd = 0; (fd = ::open("/dev/null", O_RDONLY | O_CLOEXEC)) >= 0;) all.emplace_back(fd);
  const auto shortage = descriptor_shortage();
  all.clear();
  REQUIRE(::setrlimit(RLIMIT_NOFILE, &before) == 0);
  CHECK(shortage == "Too many open files (this process may have 40; see ulimit -n)");
  CHECK(errno_text(ENOENT) == "No such file or directory");
}

}  // namespace rz
