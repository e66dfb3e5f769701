// The contract of Storage for scans of its keys.
#include <doctest/doctest.h>

#include <algorithm>
#include <iterator>
#include <set>
#include <string>
#include <vector>

#include "rz/storage/glob.h"
#include "storage/storage_contract.h"
#include "support/results.h"

namespace rz::storage {

void check_scans(const StorageBackend& backend) {
  const std::unique_ptr<Storage> storage = backend.open();

  SUBCASE("an empty store") {
    CHECK(ok(scan_all_keys(*storage, "*")).empty());
    CHECK(ok(scan_all_keys(*storage, "")).empty());
  }
  SUBCASE("every glob lists what it matches") {
    std::set<std::string> keys(awkward_strings().begin(), awkward_strings().end());
    keys.insert({"user:1", "user:12", "user:a", "users", "User:1", "user:", "a*c", "abc", "a?c",
                 "a[b]c", "a\\c", "a]c", "a^c", "a-c", "a\nc"});
    Batch batch;
    for (const std::string& key : keys) batch.set(key, "");
    REQUIRE(ok(storage->commit(batch)) == Commit::done);
    std::vector<std::string> globs = {
        "*",          "?",           "??",           "user:*",   "user:?",
        "user:[0-9]", "user:[^0-9]", "user:*1",      "*:*",      "[uU]ser:1",
        "a?c",        "a*c",         "a\\*c",        "a\\?c",    "a\\[*",
        "a[*]c",      "a[?]c",       "a[[]*",        "a[]]c",    "a[\\]]c",
        "a[\\\\]c",   "a[^b]c",      "a[\\^]c",      "a[b^]c",   "a[a-z]c",
        "a[z-a]c",    "a[\\-]c",     "a[b-]c",       "[",        "[a",
        "[^a",        "\\",          "a\\",          "nothing*", "*c",
        "\xff*",      "*\x80*",      "[\x80-\xff]*", "*\n*",     std::string("a\0*", 3),
        "user:1*2"};
    for (const std::string& key : keys) globs.push_back(glob_escape(key));
    for (const std::string& glob : globs) {
      CAPTURE(glob);
      std::vector<std::string> expected;
      std::copy_if(keys.begin(), keys.end(), std::back_inserter(expected),
                   [&](const std::string& key) { return glob_matches(glob, key); });
      CHECK(ok(scan_all_keys(*storage, glob)) == expected);
    }
  }
  SUBCASE("5,000 keys come page by page, each at least once") {
    std::set<std::string> missing;
    Batch batch;
    for (int i = 0; i < 5000; ++i) {
      batch.set("k" + std::to_string(i), "v");
      missing.insert("k" + std::to_string(i));
    }
    REQUIRE(ok(storage->commit(batch.set("other", "v"))) == Commit::done);
    std::string cursor;
    int pages = 0;
    do {
      ScanPage page = ok(storage->scan_keys("k*", cursor));
      for (const std::string& key : page.keys) {
        CHECK(key != "other");
        missing.erase(key);
      }
      cursor = std::move(page.cursor);
      ++pages;
    } while (!cursor.empty());
    CHECK(missing.empty());
    CHECK(pages > 1);
    CHECK(ok(scan_all_keys(*storage, "k*7")).size() == 500);
    CHECK(ok(scan_all_keys(*storage, "other")).size() == 1);
  }
  SUBCASE("keys that stay come, whatever is removed and written meanwhile") {
    Batch batch;
    for (int i = 0; i < 5000; ++i) batch.set("k" + std::to_string(i), "v");
    REQUIRE(ok(storage->commit(batch)) == Commit::done);
    std::set<std::string> seen;
    std::string cursor;
    int pages = 0;
    do {
      ScanPage page = ok(storage->scan_keys("*", cursor));
      cursor = std::move(page.cursor);
      Batch changes;
      for (int i = pages * 100 + 1; i < pages * 100 + 100; i += 2) {
        changes.remove("k" + std::to_string(i));
        changes.set("new" + std::to_string(i), "v");
      }
      REQUIRE(ok(storage->commit(changes)) == Commit::done);
      seen.insert(page.keys.begin(), page.keys.end());
      ++pages;
    } while (!cursor.empty() && pages < 1000);
    CHECK(cursor.empty());
    for (int i = 0; i < 5000; i += 2) CHECK(seen.contains("k" + std::to_string(i)));
  }
  SUBCASE("the inner keys of a log are not listed") {
    REQUIRE(ok(storage->commit(Batch().append("log", TimePoint{Micros{1'500'000}}, "v"))) ==
            Commit::done);
    CHECK(ok(scan_all_keys(*storage, "*")) == std::vector<std::string>{"log:1.500000"});
  }
  SUBCASE("a cursor from elsewhere is refused") {
    CHECK(code_of(storage->scan_keys("*", "no cursor\n")) == ErrorCode::invalid_argument);
  }
}

}  // namespace rz::storage
