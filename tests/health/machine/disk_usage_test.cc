#include "rz/health/machine/disk_usage.h"

#include <doctest/doctest.h>
#include <sys/statvfs.h>

#include <string>

#include "rz/base/file.h"
#include "support/print.h"
#include "support/results.h"
#include "support/temp_folder.h"

namespace rz::health {
namespace {

TEST_CASE("a disk is measured as statvfs tells it") {
  const TempFolder folder;
  struct statvfs fs {};
  REQUIRE(::statvfs(folder.path().c_str(), &fs) == 0);
  const DiskUsage usage = ok(measure_disk(folder.path()));
  CHECK(usage.total_bytes == fs.f_blocks * fs.f_frsize);
  CHECK(usage.total_bytes > 0);
  CHECK(usage.available_bytes <= usage.total_bytes);
  CHECK((usage.used_percent >= 0 && usage.used_percent <= 100));
  CHECK((usage.inodes_percent >= 0 && usage.inodes_percent <= 100));
}

TEST_CASE("a file is measured as the file system that holds it") {
  const TempFolder folder;
  REQUIRE(write_file(folder / "f", "x"));
  CHECK(ok(measure_disk(folder / "f")).total_bytes == ok(measure_disk(folder.path())).total_bytes);
}

TEST_CASE("a file system without a size tells nothing of itself") {
  const Error error = error_of(measure_disk("/proc"));
  CHECK(error.own_side);
  CHECK(error.message == "the file system does not tell its size");
}

TEST_CASE("what cannot be measured is told with its path, shown safely") {
  const TempFolder folder;
  CHECK(error_of(measure_disk(folder / "none")) ==
        Error{ErrorCode::not_found, "No such file or directory", folder / "none", true});
  REQUIRE(write_file(folder / "f", "x"));
  CHECK(error_of(measure_disk(folder / "f/g")) ==
        Error{ErrorCode::unavailable, "Not a directory", folder / "f/g", true});
  CHECK(error_of(measure_disk("/none\x1b[31m")).where == "/none\\x1b[31m");
  CHECK(code_of(measure_disk("")) == ErrorCode::not_found);
}

}  // namespace
}  // namespace rz::health
