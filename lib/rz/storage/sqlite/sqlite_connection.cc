#include "rz/storage/sqlite/sqlite_connection.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <thread>
#include <utility>

#include "rz/base/duration.h"
#include "rz/base/file.h"

namespace rz::storage {
namespace {

using std::chrono::steady_clock;

/// `start + span`, or the latest time where that would overflow.
steady_clock::time_point later(steady_clock::time_point start, Millis span) {
  const auto room = std::chrono::floor<Millis>(steady_clock::time_point::max() - start);
  return start + std::clamp(span, Millis::zero(), room);
}

}  // namespace

SqliteStatement::~SqliteStatement() {
  if (statement_ == nullptr) return;
  sqlite3_reset(statement_);
  sqlite3_clear_bindings(statement_);
}

void SqliteStatement::bind(std::string_view blob) {
  if (code_ != SQLITE_OK) return;
  // A null pointer would bind NULL, and an empty view may hold one.
  const char* data = blob.empty() ? "" : blob.data();
  code_ = sqlite3_bind_blob64(statement_, ++bound_, data, blob.size(), SQLITE_STATIC);
}

void SqliteStatement::bind(std::int64_t number) {
  if (code_ == SQLITE_OK) code_ = sqlite3_bind_int64(statement_, ++bound_, number);
}

void SqliteStatement::bind(std::optional<std::int64_t> number) {
  if (number) return bind(*number);
  if (code_ == SQLITE_OK) code_ = sqlite3_bind_null(statement_, ++bound_);
}

Result<bool> SqliteStatement::step() {
  if (code_ == SQLITE_OK) {
    const int code = sqlite3_step(statement_);
    if (code == SQLITE_ROW) return true;
    if (code == SQLITE_DONE) return false;
    code_ = code;
  }
  return fail(connection_.error(code_));
}

Result<void> SqliteStatement::finish() {
  for (;;) {
    const Result<bool> row = step();
    if (!row) return fail(row.error());
    if (!*row) return {};
  }
}

std::string SqliteStatement::blob(int column) const {
  const auto* data = static_cast<const char*>(sqlite3_column_blob(statement_, column));
  const int size = sqlite3_column_bytes(statement_, column);
  return data == nullptr ? std::string() : std::string(data, static_cast<std::size_t>(size));
}

SqliteConnection::SqliteConnection(std::string path, Millis timeout, Millis deadline)
    : path_(std::move(path)), timeout_(std::min(timeout, deadline)), deadline_(deadline) {}

SqliteConnection::~SqliteConnection() {
  statements_.clear();
  sqlite3_close_v2(database_);
}

Result<std::unique_ptr<SqliteConnection>> SqliteConnection::open(const std::string& path,
                                                                 Millis timeout, Millis deadline,
                                                                 Millis most) {
  std::unique_ptr<SqliteConnection> connection(new SqliteConnection(path, timeout, deadline));
  connection->begin_call(steady_clock::now(), most);
  // With `./` before it, SQLite does not take a relative path for one of its special names
  // (`:memory:`, `file:…`).
  const std::string file = path.starts_with('/') ? path : "./" + path;
  // NOMUTEX: SqliteStorage lets only one call at a time use the connection. PRIVATECACHE: locks of
  // a shared cache do not call the busy handler.
  const int code = sqlite3_open_v2(file.c_str(), &connection->database_,
                                   SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX |
                                       SQLITE_OPEN_PRIVATECACHE | SQLITE_OPEN_EXRESCODE,
                                   nullptr);
  if (code != SQLITE_OK) return fail(connection->error(code));
  // SQLite calls the progress handler after so many steps of its virtual machine: often enough to
  // keep the deadline, rarely enough to cost nothing.
  constexpr int kStepsBetweenLooks = 10'000;
  sqlite3_busy_handler(connection->database_, &wait_for_lock, connection.get());
  sqlite3_progress_handler(connection->database_, kStepsBetweenLooks, &past_deadline,
                           connection.get());
  return connection;
}

void SqliteConnection::begin_call(Time start, Millis most) {
  lock_wait_ = std::min(timeout_, most);
  work_time_ = std::min(deadline_, most);
  lock_until_ = later(start, lock_wait_);
  work_until_ = later(start, work_time_);
}

int SqliteConnection::wait_for_lock(void* self, int tries) {
  const Time now = steady_clock::now();
  const Time until = static_cast<SqliteConnection*>(self)->lock_until_;
  if (now >= until) return 0;
  // A commit takes a few hundred microseconds, so SQLite's own first pause of 1 ms would be too
  // long.
  constexpr std::chrono::microseconds kFirstPause{100};
  constexpr int kMostDoublings = 6;
  const std::chrono::nanoseconds pause = kFirstPause * (1 << std::min(tries, kMostDoublings));
  std::this_thread::sleep_for(std::min<std::chrono::nanoseconds>(pause, until - now));
  return 1;
}

int SqliteConnection::past_deadline(void* self) {
  return steady_clock::now() >= static_cast<SqliteConnection*>(self)->work_until_ ? 1 : 0;
}

SqliteConnection::Cached SqliteConnection::cached(const char* sql) {
  auto& statement = statements_[sql];
  int code = SQLITE_OK;
  if (statement == nullptr) {
    sqlite3_stmt* prepared = nullptr;
    code = sqlite3_prepare_v3(database_, sql, -1, SQLITE_PREPARE_PERSISTENT, &prepared, nullptr);
    statement.reset(prepared);
  }
  return {statement.get(), code};
}

Result<void> SqliteConnection::run_once(const char* sql) {
  const int code = sqlite3_exec(database_, sql, nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) return fail(error(code));
  return {};
}

Result<std::int64_t> SqliteConnection::ask(const char* sql) {
  SqliteStatement statement = prepare(sql);
  const Result<bool> row = statement.step();
  if (!row) return fail(row.error());
  return *row ? statement.integer(0) : 0;
}

void SqliteConnection::roll_back() {
  // After some errors, a full disk for example, SQLite has already rolled back, and ROLLBACK would
  // fail.
  if (sqlite3_get_autocommit(database_) == 0) static_cast<void>(run("ROLLBACK"));
}

bool SqliteConnection::moved() const {
  int moved = 0;
  sqlite3_file_control(database_, "main", SQLITE_FCNTL_HAS_MOVED, &moved);
  return moved != 0;
}

void SqliteConnection::abandon() {
  // Finalizing and closing would touch locks and shared memory that belong to the parent process.
  for (auto& [sql, statement] : statements_) static_cast<void>(statement.release());
  database_ = nullptr;
}

/// The errno behind the last error, 0 if there is none. SQLite reports that of the main file alone;
/// that of a failing write is kept with the WAL.
int SqliteConnection::system_error() const {
  if (database_ == nullptr) return 0;
  int error = sqlite3_system_errno(database_);
  sqlite3_file* wal = nullptr;
  sqlite3_file_control(database_, "main", SQLITE_FCNTL_JOURNAL_POINTER, &wal);
  if (error == 0 && wal != nullptr && wal->pMethods != nullptr) {
    wal->pMethods->xFileControl(wal, SQLITE_FCNTL_LAST_ERRNO, &error);
  }
  return error;
}

Error SqliteConnection::error(int code) const {
  const auto make = [this](ErrorCode kind, std::string message) {
    return Error{kind, std::move(message), "sqlite:" + path_};
  };
  const int system = system_error();
  const std::string why = system == 0 ? std::string(sqlite3_errstr(code)) : errno_text(system);
  // SQLite reports some of the errors of a full disk, a used-up quota and a limit of file size as
  // plain I/O errors.
  const bool full = system == ENOSPC || system == EDQUOT || system == EFBIG;
  switch ((code & 0xff) == SQLITE_IOERR && full ? SQLITE_FULL : code & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_PROTOCOL:
      return make(ErrorCode::unavailable,
                  fmt::format("locked by another process for {}; look for one that hangs",
                              format_duration(lock_wait_)));
    case SQLITE_INTERRUPT:
      return make(ErrorCode::timeout,
                  fmt::format("not finished after {}; ask for less or allow more time",
                              format_duration(work_time_)));
    case SQLITE_FULL:
      return make(ErrorCode::unavailable,
                  fmt::format("nothing was written: {}; make room and try again", why));
    case SQLITE_READONLY:
      return make(ErrorCode::unavailable,
                  "the file or its folder cannot be written; check its owner, its rights and "
                  "whether the file system is read-only");
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
    case SQLITE_AUTH:
      return make(ErrorCode::unavailable,
                  fmt::format("cannot open the file or make those beside it: {}; check the owner "
                              "and rights of the file and its folder",
                              why));
    case SQLITE_NOTADB:
      return make(ErrorCode::corrupt, "not an SQLite database; name another file");
    case SQLITE_CORRUPT:
      return make(ErrorCode::corrupt,
                  "the database is damaged; move the file away, then restore it from a backup or "
                  "with `sqlite3 FILE .recover`");
    case SQLITE_IOERR:
      return make(ErrorCode::unavailable,
                  fmt::format("the disk reports an error: {}; see the system's log", why));
    case SQLITE_NOMEM: return make(ErrorCode::unavailable, "out of memory");
    case SQLITE_TOOBIG:
      return make(ErrorCode::invalid_argument, "the key and the value are too large for one row");
    default:
      return make(ErrorCode::internal, fmt::format("SQLite: {} ({})",
                                                   database_ == nullptr ? sqlite3_errstr(code)
                                                                        : sqlite3_errmsg(database_),
                                                   code));
  }
}

}  // namespace rz::storage
