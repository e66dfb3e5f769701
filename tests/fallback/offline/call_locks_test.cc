#include "rz/fallback/offline/call_locks.h"

#include <doctest/doctest.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <vector>

#include "fallback/fallback_support.h"
#include "rz/fallback/offline/spool.h"
#include "storage/child_process.h"
#include "support/results.h"
#include "support/temp_folder.h"

namespace rz::fallback {
namespace {

struct CallLocksFixture {
  TempFolder folder;
  Spool spool{folder / "spool", "store"};
  const CallLocks& locks{spool.calls()};
};

TEST_CASE_FIXTURE(CallLocksFixture, "files of calls that nobody makes any more are cleared away") {
  const auto held = ok(locks.hold("held"));
  { const auto left = ok(locks.hold("left")); }
  { const auto fresh = ok(locks.hold("fresh")); }
  std::vector<std::string> calls;
  const auto list_calls = [&] {
    calls.clear();
    for (const auto& file : std::filesystem::directory_iterator(folder / "spool")) {
      const std::string name = file.path().filename().string();
      if (name.find(".call.") == std::string::npos) continue;
      calls.push_back(name.substr(name.rfind('.') + 1));
    }
    std::sort(calls.begin(), calls.end());
  };
  list_calls();
  REQUIRE(calls == std::vector<std::string>{"fresh", "held", "left"});
  for (const auto& file : std::filesystem::directory_iterator(folder / "spool")) {
    if (file.path().extension() == ".fresh") continue;
    std::filesystem::last_write_time(
        file.path(), std::filesystem::file_time_type::clock::now() - std::chrono::hours{2});
  }
  ok(spool.remember({}, at(1)));
  list_calls();
  CHECK(calls == std::vector<std::string>{"fresh", "held"});
}

TEST_CASE_FIXTURE(CallLocksFixture, "a call is held by who makes it, and by what that started") {
  CHECK_FALSE(ok(locks.is_held("token")));
  {
    std::optional<UniqueFd> held = ok(locks.hold("token"));
    CHECK(ok(locks.is_held("token")));
    CHECK_FALSE(ok(locks.is_held("other")));
    int end[2];
    REQUIRE(::pipe(end) == 0);
    UniqueFd wait(end[0]);
    UniqueFd go(end[1]);
    storage::ChildProcess child([&] {
      go.reset();
      char byte = 0;
      return static_cast<int>(::read(wait.get(), &byte, 1));
    });
    held.reset();
    CHECK(ok(locks.is_held("token")));
    go.reset();
    CHECK(child.wait() == 0);
  }
  CHECK_FALSE(ok(locks.is_held("token")));
  locks.forget("token");
  CHECK(code_of(locks.hold("token")) != ErrorCode::timeout);
}

TEST_CASE_FIXTURE(CallLocksFixture, "whether a call is held in a file of others cannot be told") {
  { const auto held = ok(locks.hold("token")); }
  for (const auto& each : std::filesystem::directory_iterator(folder / "spool")) {
    std::filesystem::permissions(each.path(), std::filesystem::perms::others_write,
                                 std::filesystem::perm_options::add);
  }
  CHECK(code_of(locks.is_held("token")) == ErrorCode::corrupt);
}

TEST_CASE_FIXTURE(CallLocksFixture, "a folder has a token of its own for each store, which stays") {
  const std::string token = locks.folder_token();
  CHECK(token.size() == 16);
  CHECK(locks.folder_token() == token);
  CHECK(Spool(folder / "spool", "store").calls().folder_token() == token);
  CHECK(Spool(folder / "spool", "another").calls().folder_token() != token);
  CHECK(Spool(folder / "other", "store").calls().folder_token() != token);
  std::ofstream(folder / "file") << "no folder";
  CHECK(Spool(folder / "file", "store").calls().folder_token() == "");
}

}  // namespace
}  // namespace rz::fallback
