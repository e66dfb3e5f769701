#include "rz/health/checks/file_check.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "rz/base/file.h"
#include "rz/base/process.h"
#include "rz/base/text.h"
#include "support/patience.h"
#include "support/temp_folder.h"

namespace rz::health {
namespace {

constexpr TimePoint kChanged{std::chrono::seconds{1'700'000'000}};

/// A file of ten bytes that was changed at kChanged, an hour ago by the clock.
class FileToCheck {
 public:
  FileToCheck() : clock_(kChanged + std::chrono::hours{1}) {
    options.path = folder / "file";
    write("0123456789");
    REQUIRE(::chmod(options.path.c_str(), 0640) == 0);
  }

  void write(std::string_view content) const {
    REQUIRE(write_file(options.path, content));
    const timespec time = {
        std::chrono::floor<std::chrono::seconds>(kChanged).time_since_epoch().count(), 0};
    const timespec times[] = {time, time};
    REQUIRE(::utimensat(AT_FDCWD, options.path.c_str(), times, 0) == 0);
  }

  CheckResult check() const { return make_file_check(options, clock_)->check(); }
  /// What is wrong, as the message tells it first; empty: the file is healthy.
  std::string wrong() const {
    const CheckResult result = check();
    const std::string begin = options.path + ": ";
    const std::string facts = "10 B, changed 1h ago";
    CHECK((result.status == HealthStatus::healthy) == (result.message == begin + facts));
    CHECK((result.status == HealthStatus::unhealthy) == (result.message != begin + facts));
    if (result.message == begin + facts) return "";
    REQUIRE(result.message.starts_with(begin));
    REQUIRE(result.message.ends_with(" (" + facts + ")"));
    return result.message.substr(begin.size(),
                                 result.message.size() - begin.size() - facts.size() - 3);
  }

  const TempFolder folder{};
  FileCheckOptions options;

 private:
  mutable ManualClock clock_;
};

TEST_CASE("a file that is there is healthy, and one that is not is unhealthy") {
  FileToCheck file;
  CHECK(file.wrong() == "");
  const auto result = file.check();
  CHECK(*result.metadata.find("exists") == Value(true));
  CHECK(*result.metadata.find("size_bytes") == Value(10));
  CHECK(*result.metadata.find("age_seconds") == Value(3600.0));
  CHECK(*result.metadata.find("mode") == Value("0640"));

  file.options.exists = false;
  CHECK(file.check().status == HealthStatus::unhealthy);
  CHECK(file.check().message == file.options.path + ": exists, expected that it does not");

  REQUIRE(::unlink(file.options.path.c_str()) == 0);
  CHECK(file.check().status == HealthStatus::healthy);
  CHECK(file.check().message == file.options.path + ": is not there");
  file.options.exists = true;
  CHECK(file.check().status == HealthStatus::unhealthy);
  CHECK(file.check().message == file.options.path + ": No such file or directory");
}

TEST_CASE("age and size have bounds, both allowed") {
  FileToCheck file;
  file.options.min_age = file.options.max_age = std::chrono::hours{1};
  file.options.min_size = file.options.max_size = 10;
  CHECK(file.wrong() == "");
  file.options.min_age = file.options.max_age = std::chrono::minutes{61};
  CHECK(file.wrong() == "changed 1h ago, expected at least 1h1m ago");
  file.options.min_age = file.options.max_age = std::chrono::minutes{59};
  CHECK(file.wrong() == "changed 1h ago, expected at most 59m ago");
  file.options.min_age.reset();
  file.options.max_age.reset();
  file.options.min_size = 11;
  file.options.max_size = 9;
  CHECK(file.wrong() == "10 bytes, expected at least 11; 10 bytes, expected at most 9");
}

TEST_CASE("a time from the future satisfies nothing") {
  FileToCheck file;
  const auto changed = kChanged + std::chrono::hours{3};
  const timespec later = {
      std::chrono::floor<std::chrono::seconds>(changed).time_since_epoch().count(), 0};
  const timespec times[] = {later, later};
  REQUIRE(::utimensat(AT_FDCWD, file.options.path.c_str(), times, 0) == 0);
  CHECK(file.check().status == HealthStatus::healthy);  // Nothing is asked of it.
  file.options.max_age = std::chrono::hours{24};
  const CheckResult result = file.check();
  CHECK(result.status == HealthStatus::degraded);
  CHECK(result.message.find("changed 2h from now") != std::string::npos);
}

TEST_CASE("mode and owner are compared") {
  FileToCheck file;
  file.options.mode = 0640;
  file.options.owner = std::to_string(::geteuid());
  file.options.group = std::to_string(::getegid());
  CHECK(file.wrong() == "");
  file.options.mode = 0600;
  CHECK(file.wrong() == "mode 0640, expected 0600");
  file.options.mode.reset();
  file.options.owner = "no-such-user";
  CHECK(file.wrong().ends_with(", expected no-such-user"));
  CHECK(file.wrong().starts_with("owner "));
  if (::geteuid() == 0) {
    file.options.owner = "root";
    CHECK(file.wrong() == "");
  }
}

TEST_CASE("the content is searched, whatever pieces it is read in") {
  FileToCheck file;
  file.options.contains = "456";
  file.options.lacks = "98";
  CHECK(file.wrong() == "");
  file.options.contains = "hunter2";
  file.options.lacks = "89";
  CHECK(file.wrong() == "the text of 'contains' is not in it; the text of 'lacks' is in it");

  // A chunk of reading is 256 KiB.
  for (const std::size_t before : {256 * 1024 - 3, 256 * 1024 - 1, 256 * 1024, 600 * 1024}) {
    file.write(std::string(before, 'x') + "NEEDLE" + std::string(10, 'y'));
    file.options.contains = "NEEDLE";
    file.options.lacks = "";
    CHECK(file.check().status == HealthStatus::healthy);
    file.options.contains = "";
    file.options.lacks = "NEEDLE";
    CHECK(file.check().status == HealthStatus::unhealthy);
  }
}

TEST_CASE("the digest of the content is that of sha256sum") {
  FileToCheck file;
  const auto digest =
      run_process({.argv = {"sha256sum", file.options.path}, .timeout = test::kPatience});
  REQUIRE(digest.has_value());
  const std::string right = digest->output.substr(0, 64);
  file.options.sha256 = right;
  CHECK(file.wrong() == "");
  file.options.sha256.front() = file.options.sha256.front() == '0' ? '1' : '0';
  CHECK(file.wrong() == "SHA-256 is " + right + ", expected " + file.options.sha256);
}

TEST_CASE("a content that cannot be read is unknown") {
  FileToCheck file;
  REQUIRE(::unlink(file.options.path.c_str()) == 0);
  REQUIRE(::mkfifo(file.options.path.c_str(), 0600) == 0);
  CHECK(file.check().status == HealthStatus::healthy);
  file.options.contains = "x";
  const auto result = file.check();
  CHECK(result.status == HealthStatus::unknown);
  CHECK(result.message ==
        file.options.path + ": the content was not read: it is not a regular file");

  // A loop of links leads nowhere, which tells nothing about the file.
  REQUIRE(::unlink(file.options.path.c_str()) == 0);
  REQUIRE(::symlink(file.options.path.c_str(), file.options.path.c_str()) == 0);
  CHECK(file.check().status == HealthStatus::unknown);
}

}  // namespace
}  // namespace rz::health
