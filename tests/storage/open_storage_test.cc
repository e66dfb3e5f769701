#include "rz/storage/open_storage.h"

#include <doctest/doctest.h>

#include <cstdlib>
#include <string>

#include "support/print.h"
#include "support/temp_folder.h"

namespace rz::storage {
namespace {

Error error_of_opening(const std::string& url) {
  const auto storage = open_storage({.url = url});
  REQUIRE_FALSE(storage.has_value());
  return storage.error();
}

TEST_CASE("each kind of URL opens its store") {
  const TempFolder folder;
  const std::string file = "sqlite:" + folder / "rz.db";
  // Nothing is sent to a Redis before the first call, so none need be there.
  for (const std::string& url :
       {std::string("memory:"), file, std::string("redis://me@host.invalid:6379/3"),
        std::string("redis+unix:///no/such.sock?db=1"), std::string("rediss://me@h:6379/0"),
        std::string("redis+sentinel://h:26379/m/0"), std::string("rediss+cluster://a:6379,b:1")}) {
    CAPTURE(url);
    const auto storage = open_storage({.url = url});
    REQUIRE(storage);
    CHECK((*storage)->description() == url);
  }
}

TEST_CASE("the clock reaches the store") {
  ManualClock clock;
  const auto storage = open_storage({.url = "memory:"}, clock);
  REQUIRE(storage);
  REQUIRE((*storage)->set("key", "value", Millis{5}));
  clock.advance(Millis{5});
  CHECK((*storage)->exists("key") == false);
}

TEST_CASE("no URL is the default store") {
  const TempFolder folder;
  const char* before = std::getenv("XDG_STATE_HOME");
  const std::string kept = before != nullptr ? before : "";
  ::setenv("XDG_STATE_HOME", folder.path().c_str(), 1);
  const auto storage = open_storage({});
  before != nullptr ? ::setenv("XDG_STATE_HOME", kept.c_str(), 1) : ::unsetenv("XDG_STATE_HOME");
  REQUIRE(storage);
  CHECK((*storage)->description() == "sqlite:" + folder / "rz/rz.db");
}

TEST_CASE("a store is the same however it is reached, and another one is another") {
  const auto identity = [](const std::string& url, const std::string& prefix = "") {
    return store_identity({.url = url, .key_prefix = prefix});
  };
  const std::string here = identity("redis://h");
  CHECK(here == "redis://h:6379/0");
  CHECK(identity("redis://me:secret@h:6379/0") == here);
  CHECK(identity("rediss://h:6379?verify=false") == here);
  CHECK(identity("valkey://h") == here);
  CHECK(identity("redis+sentinel://b,a:1/m") == identity("redis+sentinel://u:p@a:1,b/m/0"));
  CHECK(identity("redis+cluster://b,a") == identity("rediss+cluster://a,b"));
  for (const char* other : {"redis://h:6380", "redis://h/1", "redis://g", "redis+cluster://h"}) {
    CHECK(identity(other) != here);
  }
  CHECK(identity("redis://h", "app:") != here);
  CHECK(identity("memory:").empty());
  CHECK(identity("redis://h:x").empty());
}

TEST_CASE("which store it is does not depend on what exists") {
  const TempFolder folder;
  const std::filesystem::path volume = folder / "volume";
  std::filesystem::create_directory(volume);
  std::filesystem::create_directory_symlink(volume, folder / "data");
  const auto identity = [&] { return store_identity({.url = "sqlite:" + folder / "data/rz.db"}); };
  const std::string there = identity();
  CHECK(there == "sqlite:" + folder / "data/rz.db");
  CHECK(store_identity({.url = "sqlite:" + folder / "x/..//data/./rz.db"}) == there);
  REQUIRE(open_storage({.url = "sqlite:" + folder / "data/rz.db"}));
  CHECK(identity() == there);
  std::filesystem::rename(volume, folder / "away");
  CHECK(identity() == there);
  // And it is an outage like any other.
  CHECK(error_of_opening("sqlite:" + folder / "data/rz.db").code == ErrorCode::unavailable);
}

TEST_CASE("a wrong URL") {
  CHECK(error_of_opening("redis://h:x").code == ErrorCode::invalid_argument);
}

}  // namespace
}  // namespace rz::storage
