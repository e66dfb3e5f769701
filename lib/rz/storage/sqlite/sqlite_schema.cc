#include "rz/storage/sqlite/sqlite_schema.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <random>
#include <thread>
#include <utility>

#include "rz/base/file.h"

namespace rz::storage {
namespace {

constexpr std::int64_t kApplicationId = 0x727a6462;  // "rzdb", at byte 68 of the file.
constexpr std::int64_t kSchemaVersion = 1;

/// A record of a log is an entry with a place in the log, so that both live and die together.
/// `expires` is in unix milliseconds, `time` in unix microseconds. The value is the last column, so
/// that reading the others never reads its pages.
constexpr const char* kSchema[] = {
    "CREATE TABLE entry ("
    " key BLOB NOT NULL PRIMARY KEY,"
    " expires INTEGER,"
    " log BLOB,"
    " time INTEGER,"
    " value BLOB NOT NULL) STRICT",
    "CREATE INDEX entry_by_expiry ON entry (expires) WHERE expires IS NOT NULL",
    "CREATE UNIQUE INDEX entry_by_log ON entry (log, time) WHERE log IS NOT NULL",
    kCreateClock,
    "PRAGMA application_id = 1920623714",
    "PRAGMA user_version = 1"};
static_assert(kApplicationId == 1920623714 && kSchemaVersion == 1);

enum class Contents { nothing, ours };

tl::unexpected<Error> refuse(ErrorCode code, const std::string& path, std::string message) {
  return fail(code, std::move(message), "sqlite:" + path);
}

Result<Contents> judge(const std::string& path, std::int64_t application, std::int64_t version,
                       std::int64_t objects) {
  if (application == 0 && version == 0 && objects == 0) return Contents::nothing;
  if (application != kApplicationId) {
    return refuse(ErrorCode::corrupt, path,
                  "is the database of another program and was left as it is; name another file");
  }
  if (version > kSchemaVersion) {
    return refuse(ErrorCode::unsupported, path,
                  fmt::format("was written by a newer rz (schema {}, this one knows {}); use that "
                              "one, or name another file",
                              version, kSchemaVersion));
  }
  return Contents::ours;
}

/// What the file holds. `begin` opens the transaction, so that all answers are of one moment; the
/// transaction is left open.
Result<Contents> look(SqliteConnection& connection, const std::string& path, const char* begin) {
  if (Result<void> begun = connection.run(begin); !begun) return fail(std::move(begun).error());
  constexpr const char* kQuestions[] = {"PRAGMA application_id", "PRAGMA user_version",
                                        "SELECT count(*) FROM sqlite_schema"};
  std::int64_t answers[3] = {};
  for (int i = 0; i < 3; ++i) {
    const Result<std::int64_t> answer = connection.ask(kQuestions[i]);
    if (!answer) return fail(answer.error());
    answers[i] = *answer;
  }
  return judge(path, answers[0], answers[1], answers[2]);
}

/// Switching to WAL needs the file exclusively for a moment. SQLite does not wait for that, because
/// two processes that both wait while they hold a read lock would never end. So this tries again,
/// holding no lock.
Result<void> switch_to_wal(SqliteConnection& connection, const std::string& path) {
  for (;;) {
    SqliteStatement statement = connection.prepare("PRAGMA journal_mode = WAL");
    const Result<bool> row = statement.step();
    if (row && statement.blob(0) == "wal") return {};
    if (row) {
      return refuse(ErrorCode::unsupported, path,
                    "this file system cannot share memory between processes, as network ones "
                    "cannot; name a file on a local disk, or share a Redis");
    }
    const bool waits =
        connection.busy() && std::chrono::steady_clock::now() < connection.lock_until();
    if (!waits) return fail(row.error());
    std::this_thread::sleep_for(Millis{1});
  }
}

Result<void> create_schema(SqliteConnection& connection, const std::string& path) {
  const Result<Contents> contents = look(connection, path, "BEGIN IMMEDIATE");
  if (!contents) return fail(contents.error());
  if (*contents == Contents::nothing) {
    for (const char* sql : kSchema) {
      if (Result<void> done = connection.run_once(sql); !done) return done;
    }
  }
  return connection.run("COMMIT");
}

Result<void> check_table(SqliteConnection& connection, const std::string& path) {
  Result<void> found =
      connection.run_once("SELECT key, expires, log, time, value FROM entry LIMIT 0");
  if (found || found.error().code != ErrorCode::internal) return found;
  return refuse(ErrorCode::corrupt, path,
                "does not have the table of rz; restore it from a backup, or move the file away to "
                "start anew");
}

Result<void> make_ours(SqliteConnection& connection, const std::string& path) {
  const Result<Contents> contents = look(connection, path, "BEGIN");
  connection.roll_back();
  if (!contents) return fail(contents.error());
  if (Result<void> done = switch_to_wal(connection, path); !done) return done;
  // synchronous: with FULL, what a commit has written is on the disk. journal_size_limit: the WAL
  // shrinks again after a large batch. trusted_schema: the schema of the file, which others may
  // have changed, may not call functions.
  for (const char* sql : {"PRAGMA synchronous = FULL", "PRAGMA journal_size_limit = 4194304",
                          "PRAGMA trusted_schema = OFF"}) {
    if (Result<void> done = connection.run_once(sql); !done) return done;
  }
  if (*contents == Contents::nothing) {
    if (Result<void> created = create_schema(connection, path); !created) {
      connection.roll_back();
      return created;
    }
  }
  return check_table(connection, path);
}

/// Removes the temporary database, and the files that SQLite keeps beside it.
class Draft {
 public:
  explicit Draft(std::string draft_path) : path(std::move(draft_path)) {}
  Draft(const Draft&) = delete;
  Draft& operator=(const Draft&) = delete;
  ~Draft() {
    for (const char* side : {"", "-wal", "-shm", "-journal"}) ::unlink((path + side).c_str());
  }

  const std::string path;
};

/// Gives the file at `from` the name `to`. If another process was first, its file is used instead.
Result<void> publish(const std::string& from, const std::string& to) {
  if (::link(from.c_str(), to.c_str()) == 0 || errno == EEXIST) return sync_folder_of(to);
  // The file system has no hard links.
  const bool no_links = errno == EPERM || errno == EOPNOTSUPP || errno == ENOSYS;
  if (no_links &&
      ::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) == 0) {
    return sync_folder_of(to);
  }
  if (errno == EEXIST) return {};
  return refuse(
      ErrorCode::unavailable, to,
      fmt::format("cannot make the file: {}; check the rights of its folder", errno_text(errno)));
}

/// Creates the new store under a temporary name and then gives it the name `path`, so that nobody
/// ever opens half a store. The umask, and the group of a setgid folder, decide who may use it.
Result<void> make_database(const std::string& path, const StorageOptions& options, Millis most) {
  const Draft draft(fmt::format("{}.new.{}.{:x}", path, ::getpid(), std::random_device{}()));
  // Not by open() and close(): closing any descriptor of a file drops all locks that this process
  // holds on it, also those of another store on the same file.
  if (::mknod(draft.path.c_str(), S_IFREG | 0666, 0) != 0) {
    return refuse(
        ErrorCode::unavailable, path,
        fmt::format("cannot make the file: {}; check the rights of its folder", errno_text(errno)));
  }
  {
    // Errors name the file that was asked for, not the temporary one.
    const auto blame = [&](Error error) {
      error.where = "sqlite:" + path;
      return fail(std::move(error));
    };
    auto connection = SqliteConnection::open(draft.path, options.timeout, options.deadline, most);
    if (!connection) return blame(connection.error());
    if (auto ours = make_ours(**connection, draft.path); !ours) return blame(ours.error());
    // Closing would also move the WAL into the file, but says nothing if the disk is full. The WAL
    // would then be removed as part of the draft, and an empty file would be published.
    auto whole = (*connection)->run_once("PRAGMA wal_checkpoint(TRUNCATE)");
    if (!whole) return blame(whole.error());
  }
  return publish(draft.path, path);
}

Result<void> make_file(const std::string& path, const StorageOptions& options, Millis most) {
  if (path.empty() || path.find('\0') != std::string::npos) {
    return refuse(ErrorCode::invalid_argument, path, "no file is named; write sqlite:PATH");
  }
  if (path == ":memory:") {
    return refuse(ErrorCode::invalid_argument, path,
                  "is not a file; for a store in memory write memory:");
  }
  const std::size_t slash = path.rfind('/');
  if (slash != std::string::npos && slash > 0) {
    // A link in the path whose target is missing is an outage like any other.
    if (Result<void> made = make_folders(path.substr(0, slash), 0700); !made) {
      const Error& error = made.error();
      return fail(ErrorCode::unavailable, error.message, error.where);
    }
  }
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0 && errno == ENOENT) {
    if (Result<void> made = make_database(path, options, most); !made) return made;
  }
  if (::stat(path.c_str(), &status) != 0) {
    return refuse(ErrorCode::unavailable, path,
                  fmt::format("cannot open the file: {}", errno_text(errno)));
  }
  if (S_ISDIR(status.st_mode)) {
    return refuse(ErrorCode::unsupported, path,
                  fmt::format("is a folder; name a file in it, as sqlite:{}{}rz.db", path,
                              path.ends_with('/') ? "" : "/"));
  }
  if (!S_ISREG(status.st_mode)) {
    return refuse(ErrorCode::unsupported, path, "is not a regular file; name another one");
  }
  // A new store is complete before it gets its name, so an empty file is what a crash, a full disk
  // or a mistake has left of a store. Using it as a new store would hide that everything is lost.
  if (status.st_size == 0) {
    return refuse(ErrorCode::corrupt, path,
                  "is empty (0 bytes), so it is not a store; restore it from a backup, or remove "
                  "the file to start anew");
  }
  return {};
}

}  // namespace

Result<std::unique_ptr<SqliteConnection>> open_sqlite_file(const std::string& path,
                                                           const StorageOptions& options) {
  const Millis most = std::min(options.deadline, options.open_within.value_or(options.deadline));
  if (Result<void> made = make_file(path, options, most); !made)
    return fail(std::move(made).error());
  auto connection = SqliteConnection::open(path, options.timeout, options.deadline, most);
  if (!connection) return connection;
  if ((*connection)->read_only()) return fail((*connection)->error(SQLITE_READONLY));
  Result<void> ours = make_ours(**connection, path);
  if (!ours) return fail(std::move(ours).error());
  return connection;
}

}  // namespace rz::storage
