// How SQLite's file is made, and what is said of a file that cannot be used.
#include <doctest/doctest.h>
#include <grp.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <string>
#include <vector>

#include "rz/storage/sqlite/sqlite_storage.h"
#include "storage/child_process.h"
#include "storage/sqlite/raw_sqlite.h"
#include "storage/storage_contract.h"
#include "support/results.h"
#include "support/temp_folder.h"

namespace rz::storage {
namespace {

mode_t mode_of(const std::string& path) {
  struct stat status {};
  REQUIRE(::stat(path.c_str(), &status) == 0);
  return status.st_mode & 0777;
}

std::string bytes_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

void write_bytes(const std::string& path, std::string_view bytes) {
  std::ofstream(path, std::ios::binary) << bytes;
}

std::size_t files_in(const std::string& folder) {
  return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator(folder),
                                                std::filesystem::directory_iterator()));
}

/// What `body` returns in a child process without root's power to write anything anywhere.
std::string as_nobody(const std::function<std::string()>& body) {
  int ends[2];
  REQUIRE(::pipe(ends) == 0);
  const UniqueFd from(ends[0]);
  UniqueFd to(ends[1]);
  ChildProcess child([&] {
    constexpr uid_t kNobody = 65'534;
    if (::geteuid() == 0 && ::setuid(kNobody) != 0) return 1;
    return write_all(to.get(), body()) ? 0 : 2;
  });
  to.reset();
  std::string text;
  char buffer[4096];
  for (ssize_t n; (n = ::read(from.get(), buffer, sizeof buffer)) > 0;) {
    text.append(buffer, static_cast<std::size_t>(n));
  }
  CHECK(child.wait() == 0);
  return text;
}

TEST_CASE("a folder that is made is for its owner alone; the file is for whom the umask lets") {
  const mode_t masks[][2] = {{0, 0666}, {007, 0660}, {022, 0644}, {077, 0600}};
  for (const auto& each : masks) {
    const auto mask = each[0];
    const auto mode = each[1];
    CAPTURE(mask);
    const TempFolder folder;
    const mode_t old_mask = ::umask(mask);
    const auto storage = open_sqlite_storage(folder / "a/b/rz.db");
    ::umask(old_mask);
    REQUIRE(storage);
    REQUIRE((*storage)->set("key", "value"));
    CHECK(mode_of(folder / "a") == 0700);
    CHECK(mode_of(folder / "a/b") == 0700);
    CHECK(mode_of(folder / "a/b/rz.db") == mode);
    CHECK(mode_of(folder / "a/b/rz.db-wal") == mode);
    CHECK(mode_of(folder / "a/b/rz.db-shm") == mode);
    CHECK((*storage)->description() == "sqlite:" + folder / "a/b/rz.db");
    CHECK(files_in(folder / "a/b") == 3);
  }
}

TEST_CASE("users of a group share a store in the group's folder") {
  if (::geteuid() != 0) return;  // Only root can be two users.
  constexpr uid_t kUsers[] = {65'531, 65'532};
  constexpr gid_t kGroup = 65'533;
  const TempFolder folder;
  REQUIRE(::chmod(folder.path().c_str(), 0755) == 0);
  const std::string shared = folder / "shared";
  REQUIRE(::mkdir(shared.c_str(), 0) == 0);
  REQUIRE(::chown(shared.c_str(), 0, kGroup) == 0);
  REQUIRE(::chmod(shared.c_str(), 02770) == 0);
  const std::string path = shared + "/rz.db";
  const auto as_user = [&](uid_t user, const std::function<bool()>& body) {
    ChildProcess child([&] {
      // The group is one of several; what a user makes elsewhere has another.
      if (::setgroups(1, &kGroup) != 0 || ::setgid(user) != 0 || ::setuid(user) != 0) return 1;
      ::umask(007);
      return body() ? 0 : 2;
    });
    return child.wait();
  };
  // What opens a store is loaded before, as whom it can be read by does not matter here.
  static_cast<void>(ok(open_sqlite_storage(folder / "other.db")));
  // Each makes it once, the other goes on while it is open, and after it was closed.
  for (const uid_t first : kUsers) {
    for (const char* side : {"", "-wal", "-shm"}) std::filesystem::remove(path + side);
    CHECK(as_user(first, [&] {
            const auto mine = open_sqlite_storage(path);
            return mine && (*mine)->set("key", "1");
          }) == 0);
    const auto root = ok(open_sqlite_storage(path));
    REQUIRE(root->set("open", "1"));
    for (const uid_t user : kUsers) {
      CAPTURE(user);
      CHECK(as_user(user, [&] {
              const auto mine = open_sqlite_storage(path);
              return mine && (*mine)->increment("key") && (*mine)->get("key");
            }) == 0);
    }
    CHECK(ok(root->get("key")) == "3");
  }
}

TEST_CASE("a file of another mode keeps it") {
  const TempFolder folder;
  const std::string path = folder / "rz.db";
  static_cast<void>(ok(open_sqlite_storage(path)));
  REQUIRE(::chmod(path.c_str(), 0660) == 0);
  CHECK(open_sqlite_storage(path));
  CHECK(mode_of(path) == 0660);
}

TEST_CASE("the file says whose it is, and is durable") {
  const TempFolder folder;
  const std::string path = folder / "rz.db";
  static_cast<void>(ok(open_sqlite_storage(path)));
  CHECK(bytes_of(path).substr(68, 4) == "rzdb");
  CHECK(query(path, "PRAGMA user_version") == "1");
  CHECK(query(path, "PRAGMA journal_mode") == "wal");
}

TEST_CASE("a file that was taken out of WAL mode is put back") {
  const TempFolder folder;
  const std::string path = folder / "rz.db";
  REQUIRE(ok(open_sqlite_storage(path))->set("key", "value"));
  CHECK(query(path, "PRAGMA journal_mode = DELETE") == "delete");
  CHECK(ok(ok(open_sqlite_storage(path))->get("key")) == "value");
  CHECK(query(path, "PRAGMA journal_mode") == "wal");
}

TEST_CASE("a relative path begins in the working folder, also where it looks like an URI") {
  const TempFolder folder;
  const std::filesystem::path before = std::filesystem::current_path();
  std::filesystem::current_path(folder.path());
  const bool opened = open_sqlite_storage("rz.db").has_value() &&
                      open_sqlite_storage("deep/file:x?mode=memory").has_value() &&
                      open_sqlite_storage("file:y").has_value();
  std::filesystem::current_path(before);
  CHECK(opened);
  CHECK(std::filesystem::exists(folder / "rz.db"));
  CHECK(std::filesystem::exists(folder / "deep/file:x?mode=memory"));
  CHECK(std::filesystem::exists(folder / "file:y"));
}

TEST_CASE("a path that names no file") {
  const Result<std::unique_ptr<Storage>> memory = open_sqlite_storage(":memory:");
  CHECK(code_of(memory) == ErrorCode::invalid_argument);
  CHECK(message_of(memory) ==
        "sqlite::memory:: is not a file; for a store in memory write memory:");
  CHECK(message_of(open_sqlite_storage("")) == "sqlite:: no file is named; write sqlite:PATH");
  CHECK(code_of(open_sqlite_storage(std::string("a\0b", 3))) == ErrorCode::invalid_argument);
}

TEST_CASE("something else in the place of the file") {
  const TempFolder folder;
  const std::string path = folder / "thing";

  SUBCASE("a folder") {
    REQUIRE(::mkdir(path.c_str(), 0700) == 0);
    CHECK(message_of(open_sqlite_storage(path)) ==
          "sqlite:" + path + ": is a folder; name a file in it, as sqlite:" + path + "/rz.db");
  }
  SUBCASE("a FIFO") {
    REQUIRE(::mkfifo(path.c_str(), 0600) == 0);
    CHECK(message_of(open_sqlite_storage(path)) ==
          "sqlite:" + path + ": is not a regular file; name another one");
  }
  SUBCASE("a link to nowhere") {
    REQUIRE(::symlink("nowhere", path.c_str()) == 0);
    CHECK(message_of(open_sqlite_storage(path)) ==
          "sqlite:" + path + ": cannot open the file: No such file or directory");
    CHECK_FALSE(std::filesystem::exists(folder / "nowhere"));
  }
  SUBCASE("a link to nowhere on the way") {
    REQUIRE(::symlink("nowhere", path.c_str()) == 0);
    CHECK(code_of(open_sqlite_storage(path + "/rz.db")) == ErrorCode::unavailable);
    CHECK(code_of(open_sqlite_storage(path + "/deeper/rz.db")) == ErrorCode::unavailable);
  }
  SUBCASE("a file of 0 bytes, which no crash of rz leaves") {
    write_bytes(path, "");
    CHECK(code_of(open_sqlite_storage(path)) == ErrorCode::corrupt);
    CHECK(message_of(open_sqlite_storage(path)) ==
          "sqlite:" + path +
              ": is empty (0 bytes), so it is not a store; restore it from a backup, or remove the "
              "file to start anew");
    CHECK(bytes_of(path).empty());
    CHECK(files_in(folder.path()) == 1);
  }
  SUBCASE("a file where a folder should be") {
    write_bytes(path, "x");
    CHECK(code_of(open_sqlite_storage(path + "/rz.db")) == ErrorCode::unavailable);
  }
  SUBCASE("a text") {
    const std::string text(5'000, 't');
    write_bytes(path, text);
    CHECK(code_of(open_sqlite_storage(path)) == ErrorCode::corrupt);
    CHECK(message_of(open_sqlite_storage(path)) ==
          "sqlite:" + path + ": not an SQLite database; name another file");
    CHECK(bytes_of(path) == text);
    CHECK(files_in(folder.path()) == 1);
  }
}

TEST_CASE("the database of another program is left as it is") {
  const TempFolder folder;
  const std::string path = folder / "other.db";
  const char* made[] = {"CREATE TABLE entry (key, value)", "PRAGMA application_id = 7",
                        "PRAGMA user_version = 1", "PRAGMA journal_mode = WAL; CREATE TABLE t (c)"};
  for (const char* sql : made) {
    CAPTURE(sql);
    query(path, sql);
    const std::string before = bytes_of(path);
    const Result<std::unique_ptr<Storage>> refused = open_sqlite_storage(path);
    CHECK(code_of(refused) == ErrorCode::corrupt);
    CHECK(message_of(refused) == "sqlite:" + path +
                                     ": is the database of another program and was left as it is; "
                                     "name another file");
    CHECK(bytes_of(path) == before);
    CHECK(files_in(folder.path()) == 1);
    std::filesystem::remove(path);
  }
}

TEST_CASE("the file of a newer rz is left as it is") {
  const TempFolder folder;
  const std::string path = folder / "rz.db";
  REQUIRE(ok(open_sqlite_storage(path))->set("key", "value"));
  query(path, "PRAGMA user_version = 2");
  const std::string before = bytes_of(path);
  const Result<std::unique_ptr<Storage>> refused = open_sqlite_storage(path);
  CHECK(code_of(refused) == ErrorCode::unsupported);
  CHECK(message_of(refused) == "sqlite:" + path +
                                   ": was written by a newer rz (schema 2, this one knows 1); use "
                                   "that one, or name another file");
  CHECK(bytes_of(path) == before);
}

TEST_CASE("a damaged file") {
  const TempFolder folder;
  const std::string path = folder / "rz.db";
  {
    const auto storage = ok(open_sqlite_storage(path));
    Batch batch;
    for (int i = 0; i < 2'000; ++i) batch.set("key" + std::to_string(i), std::string(100, 'v'));
    REQUIRE(ok(storage->commit(batch)) == Commit::done);
  }
  std::string bytes = bytes_of(path);

  SUBCASE("pages of noise") {
    for (std::size_t i = 4'096; i < bytes.size(); ++i) bytes[i] = static_cast<char>(i * 31);
    write_bytes(path, bytes);
    const auto storage = ok(open_sqlite_storage(path));
    const auto value = storage->get("key5");
    CHECK(code_of(value) == ErrorCode::corrupt);
    CHECK(message_of(value) == "sqlite:" + path +
                                   ": the database is damaged; move the file away, then restore it "
                                   "from a backup or with `sqlite3 FILE .recover`");
    CHECK(code_of(storage->set("key5", "x")) == ErrorCode::corrupt);
    CHECK(code_of(storage->health_check()) == ErrorCode::corrupt);
  }
  SUBCASE("a page of zeros, whichever it is: no key is said to be absent") {
    constexpr std::size_t kPage = 4'096;
    std::vector<std::string> keys;
    for (int i = 0; i < 2'000; ++i) keys.push_back("key" + std::to_string(i));
    for (std::size_t page = 0; page < bytes.size() / kPage; ++page) {
      CAPTURE(page);
      std::string damaged = bytes;
      damaged.replace(page * kPage, kPage, kPage, '\0');
      for (const char* side : {"-wal", "-shm"}) std::filesystem::remove(path + side);
      write_bytes(path, damaged);
      const auto storage = open_sqlite_storage(path);
      if (!storage) {
        CHECK(storage.error().code == ErrorCode::corrupt);
        continue;
      }
      const auto values = (*storage)->get_many(keys);
      if (!values) CHECK(values.error().code == ErrorCode::corrupt);
      const bool all = values && std::all_of(values->begin(), values->end(),
                                             [](const auto& value) { return value.has_value(); });
      CHECK((!values || all));
    }
  }
  SUBCASE("cut off") {
    write_bytes(path, bytes.substr(0, bytes.size() / 2));
    const auto storage = open_sqlite_storage(path);
    CHECK(code_of(storage ? (*storage)->set("key5", "x") : fail(storage.error())) ==
          ErrorCode::corrupt);
  }
  SUBCASE("the header alone") {
    write_bytes(path, bytes.substr(0, 100));
    CHECK(code_of(open_sqlite_storage(path)) == ErrorCode::corrupt);
  }
  SUBCASE("without its table") {
    query(path, "DROP TABLE entry");
    CHECK(code_of(open_sqlite_storage(path)) == ErrorCode::corrupt);
  }
}

TEST_CASE("a file or folder that cannot be written") {
  const TempFolder folder;
  const std::string path = folder / "rz.db";
  // Opened here once, so that the module is loaded before the child gives up its rights.
  REQUIRE(ok(open_sqlite_storage(path))->set("key", "value"));
  const std::string refused =
      "the file or its folder cannot be written; check its owner, its rights "
      "and whether the file system is read-only";
  const auto message = [](const std::string& file) {
    return as_nobody([&file] { return message_of(open_sqlite_storage(file)); });
  };
  SUBCASE("a file that can be read") {
    REQUIRE(::chmod(path.c_str(), 0444) == 0);
    REQUIRE(::chmod(folder.path().c_str(), 0777) == 0);
    CHECK(message(path) == "sqlite:" + path + ": " + refused);
  }
  SUBCASE("a file that cannot be read") {
    REQUIRE(::chmod(path.c_str(), 0000) == 0);
    REQUIRE(::chmod(folder.path().c_str(), 0777) == 0);
    CHECK(message(path) == "sqlite:" + path +
                               ": cannot open the file or make those beside it: Permission denied; "
                               "check the owner and rights of the file and its folder");
  }
  SUBCASE("a folder where the side files cannot be made") {
    REQUIRE(::chmod(path.c_str(), 0666) == 0);
    REQUIRE(::chmod(folder.path().c_str(), 0555) == 0);
    CHECK(message(path) == "sqlite:" + path + ": " + refused);
  }
  SUBCASE("a folder where the file itself cannot be made") {
    REQUIRE(::chmod(folder.path().c_str(), 0555) == 0);
    const std::string missing = folder / "missing.db";
    CHECK(message(missing) == "sqlite:" + missing +
                                  ": cannot make the file: Permission denied; check the rights of "
                                  "its folder");
  }
  REQUIRE(::chmod(folder.path().c_str(), 0700) == 0);
}

TEST_CASE("a full disk: nothing of the write stands, and the next one works when there is room") {
  const TempFolder folder;
  const std::string path = folder / "rz.db";
  ChildProcess child([&] {
    std::signal(SIGXFSZ, SIG_IGN);
    const auto storage = open_sqlite_storage(path);
    if (!storage || !(*storage)->set("key", "before")) return 1;
    rlimit limit{};
    ::getrlimit(RLIMIT_FSIZE, &limit);
    limit.rlim_cur = 200'000;
    ::setrlimit(RLIMIT_FSIZE, &limit);
    const auto full =
        (*storage)->commit(Batch().set("key", "after").set("large", std::string(1'000'000, 'x')));
    if (message_of(full) !=
        "sqlite:" + path + ": nothing was written: File too large; make room and try again") {
      return 2;
    }
    if (code_of(full) != ErrorCode::unavailable) return 3;
    if ((*storage)->get("key") != std::optional<std::string>("before")) return 4;
    limit.rlim_cur = limit.rlim_max;
    ::setrlimit(RLIMIT_FSIZE, &limit);
    return (*storage)->set("key", "after") ? 0 : 5;
  });
  CHECK(child.wait() == 0);
  CHECK(ok(ok(open_sqlite_storage(path))->get("key")) == "after");
}

// SQLite writes to a log first, and brings it into the file as it closes, which says nothing where
// the disk is full by then: an empty file got the store's name, and every later rz refused it.
TEST_CASE("wherever the disk is full while a store is made, there is a whole one or none") {
  const TempFolder folder;
  const auto disk = [&](const char* kibibytes, unsigned long flags) {
    const std::string size = std::string("size=") + kibibytes + "k";
    return ::mount("tmpfs", folder.path().c_str(), "tmpfs", flags, size.c_str()) == 0;
  };
  constexpr int kNoDisk = 99;
  int made = 0;
  int refused = 0;
  for (int size = 4; size <= 160; size += 4) {
    // Its mounts end with the process.
    ChildProcess child([&] {
      const bool alone = ::unshare(CLONE_NEWNS) == 0 &&
                         ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0;
      if (!alone || !disk(std::to_string(size).c_str(), 0)) return kNoDisk;
      const bool at_once = open_sqlite_storage(folder / "rz.db").has_value();
      if (!disk("4096", MS_REMOUNT)) return kNoDisk;
      if (!open_sqlite_storage(folder / "rz.db")) return 2;
      return at_once ? 0 : 1;
    });
    const int code = child.wait();
    if (code == kNoDisk) {
      MESSAGE("not shown: this user may not mount a small disk");
      return;
    }
    CAPTURE(size);
    CHECK(code != 2);
    made += code == 0;
    refused += code == 1;
  }
  CHECK(made > 0);
  CHECK(refused > 0);
}

TEST_CASE("a file that was removed or replaced in use is noticed") {
  const TempFolder folder;
  const std::string path = folder / "rz.db";
  const auto storage = ok(open_sqlite_storage(path));
  REQUIRE(storage->set("key", "1"));
  for (const char* side : {"", "-wal", "-shm"}) std::filesystem::remove(path + side);
  CHECK(code_of(storage->set("key", "2")) == ErrorCode::unavailable);
  CHECK(code_of(storage->health_check()) == ErrorCode::unavailable);
  REQUIRE(ok(open_sqlite_storage(path))->set("key", "3"));
  CHECK(message_of(storage->get("key")) ==
        "sqlite:" + path +
            ": the file was removed or replaced while in use; start again to use the new one");
}

}  // namespace
}  // namespace rz::storage
