#include "rz/fallback/history/follow_cursor.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "fallback/fallback_support.h"
#include "support/results.h"
#include "support/temp_folder.h"

namespace rz::fallback {
namespace {

using Places = std::vector<TimePoint>;

const Places kFirst{at(1), at(2)};
const Places kSecond{at(3)};

/// A cursor of a reader that writes into a file, and may be killed at any time.
struct FollowCursorFixture {
  const TempFolder folder;
  const std::string path = folder / "cursor";
  const std::string output = folder / "out";
  UniqueFd out{::open(output.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644)};

  Result<FollowCursor> open() const { return FollowCursor::open(path, "sqlite:/db", out.get()); }

  void write(const std::string& text) const {
    REQUIRE(::write(out.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size()));
  }

  /// What the next reader knows.
  Places seen_after() const {
    auto cursor = ok(open());
    const SeenPlaces seen = cursor.take_seen();
    return {seen.all().begin(), seen.all().end()};
  }
};

}  // namespace

TEST_CASE_FIXTURE(FollowCursorFixture, "a cursor that nobody has used knows nothing") {
  {
    const auto cursor = ok(open());
    CHECK(cursor.is_new());
    CHECK_FALSE(cursor.has_output());
  }
  CHECK(content_of(path) == "rz-cursor 1 sqlite:/db\n");
  CHECK(seen_after().empty());
  CHECK(ok(open()).is_new());
}

TEST_CASE_FIXTURE(FollowCursorFixture, "what was written or passed over is known to the next one") {
  {
    auto cursor = ok(open());
    REQUIRE(cursor.begin(kFirst, 4));
    write("1\n2\n");
    REQUIRE(cursor.end());
    REQUIRE(cursor.skip(kSecond));
  }
  CHECK(seen_after() == Places{at(1), at(2), at(3)});
  CHECK(ok(open()).has_output());
  CHECK_FALSE(ok(open()).is_new());
}

TEST_CASE_FIXTURE(FollowCursorFixture, "what is passed over needs no output, and is noted whole") {
  REQUIRE(ok(open()).skip(kFirst));
  const std::string whole = content_of(path);
  for (std::size_t size = whole.find('>'); size <= whole.size(); ++size) {
    CAPTURE(size);
    std::ofstream(path, std::ios::binary) << whole.substr(0, size);
    const bool all_noted = size >= whole.find("<\n");
    CHECK(ok(open()).is_new() != all_noted);
    CHECK_FALSE(ok(open()).has_output());
    CHECK(seen_after() == (all_noted ? kFirst : Places{}));
  }
}

TEST_CASE_FIXTURE(FollowCursorFixture, "the size of the file tells what a killed reader wrote") {
  struct Row {
    std::string written;
    Places seen;
    std::string left;
  };
  const Row rows[] = {{"", {}, "before\n"},
                      {"1", {}, "before\n"},
                      {"1\n2", {}, "before\n"},
                      {"1\n2\n", kFirst, "before\n1\n2\n"}};
  for (const Row& row : rows) {
    CAPTURE(row.written);
    std::filesystem::remove(path);
    REQUIRE(::ftruncate(out.get(), 0) == 0);
    write("before\n");
    {
      auto cursor = ok(open());
      REQUIRE(cursor.begin(kFirst, 4));
      write(row.written);
    }
    CHECK(seen_after() == row.seen);
    CHECK(content_of(output) == row.left);
    // It is settled for good.
    write("1\n2\n3\n");
    CHECK(seen_after() == row.seen);
  }
}

TEST_CASE_FIXTURE(FollowCursorFixture, "also where the next reader writes somewhere else") {
  {
    auto cursor = ok(open());
    REQUIRE(cursor.begin(kFirst, 4));
    write("1\n2\n");
  }
  const UniqueFd other(::open((folder / "other").c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0644));
  auto cursor = ok(FollowCursor::open(path, "sqlite:/db", other.get()));
  CHECK(cursor.take_seen().size() == 2);
  CHECK(cursor.doubtful() == 0);
}

TEST_CASE_FIXTURE(FollowCursorFixture, "of a pipe nobody knows: its records come once more") {
  int ends[2];
  REQUIRE(::pipe2(ends, O_CLOEXEC) == 0);
  const UniqueFd reading(ends[0]);
  const UniqueFd writing(ends[1]);
  {
    auto cursor = ok(FollowCursor::open(path, "sqlite:/db", writing.get()));
    REQUIRE(cursor.begin(kFirst, 4));
    REQUIRE(cursor.end());
    REQUIRE(cursor.begin(kSecond, 2));
  }
  auto cursor = ok(FollowCursor::open(path, "sqlite:/db", writing.get()));
  CHECK(cursor.take_seen().size() == 2);
  CHECK(cursor.doubtful() == 1);
}

TEST_CASE_FIXTURE(FollowCursorFixture,
                  "a note that was cut off anywhere loses and repeats nothing") {
  {
    auto cursor = ok(open());
    REQUIRE(cursor.begin(kFirst, 4));
    write("1\n2\n");
    REQUIRE(cursor.end());
    REQUIRE(cursor.begin(kSecond, 2));
  }
  const std::string whole = content_of(path);
  const std::size_t ended = whole.find("<\n") + 2;
  for (std::size_t size = 0; size <= whole.size(); ++size) {
    CAPTURE(size);
    std::ofstream(path, std::ios::binary) << whole.substr(0, size);
    const Places seen = seen_after();
    // The records are out. As long as the note of that is cut off, the file tells; before them
    // nothing was noted, and nothing can have been written.
    const bool all_noted = size >= ended - 2;
    CHECK(seen == (all_noted ? kFirst : Places{}));
    CHECK(seen_after() == seen);
    if (size < ended - 2) REQUIRE(::ftruncate(out.get(), 0) == 0);
    if (size < ended - 2) write("1\n2\n");
  }
}

TEST_CASE_FIXTURE(FollowCursorFixture,
                  "a file that is not its cursor is refused and left as it is") {
  const std::pair<std::string, std::string> rows[] = {
      {"my notes\n", "is not a cursor of rz and was left as it is; name another file"},
      {"no line", "is not a cursor of rz and was left as it is; name another file"},
      {"rz-cursor 1 redis://db\n", "is the cursor of another store, redis://db; name another file"},
      {"rz-cursor 1 sqlite:/db\n!\nx\x1b\n",
       "has the line 'x\\x1b', which rz does not write; remove the file to begin anew"}};
  for (const auto& row : rows) {
    const std::string& content = row.first;
    const std::string& message = row.second;
    CAPTURE(content);
    std::ofstream(path, std::ios::binary) << content;
    CHECK(to_string(error_of(open())) == path + ": " + message);
    CHECK(content_of(path) == content);
  }
  CHECK(to_string(error_of(FollowCursor::open(folder.path(), "s", out.get()))).find("cannot be") !=
        std::string::npos);
}

TEST_CASE_FIXTURE(FollowCursorFixture, "two readers cannot share a cursor") {
  const auto first = ok(open());
  CHECK(to_string(error_of(open())) ==
        path + ": another rz follows with this cursor; give each its own");
}

}  // namespace rz::fallback
