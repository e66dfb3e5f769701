#pragma once

#include <sqlite3.h>

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "rz/base/clock.h"
#include "rz/base/result.h"

namespace rz::storage {

class SqliteConnection;

/// A statement in use, borrowed from its connection and returned when this object is destroyed.
/// Bound views must live until then.
class SqliteStatement {
 public:
  SqliteStatement(SqliteConnection& connection, sqlite3_stmt* statement, int code)
      : connection_(connection), statement_(statement), code_(code) {}
  SqliteStatement(SqliteStatement&& other) noexcept
      : connection_(other.connection_),
        statement_(std::exchange(other.statement_, nullptr)),
        code_(other.code_),
        bound_(other.bound_) {}
  SqliteStatement& operator=(SqliteStatement&&) = delete;
  ~SqliteStatement();

  void bind(std::string_view blob);
  void bind(std::int64_t number);
  void bind(std::optional<std::int64_t> number);

  /// Goes to the next row; false at the end. Reports the first error of preparing or binding too.
  Result<bool> step();

  /// Goes to the end, past all rows.
  Result<void> finish();

  std::string blob(int column) const;
  std::int64_t integer(int column) const { return sqlite3_column_int64(statement_, column); }

 private:
  SqliteConnection& connection_;
  sqlite3_stmt* statement_;
  int code_;
  int bound_ = 0;
};

/// One connection to an SQLite file. Statements are prepared once and kept. Turns SQLite's errors
/// into ours. Not thread-safe.
class SqliteConnection {
 public:
  using Time = std::chrono::steady_clock::time_point;

  /// Opens `path`, which must exist; reads nothing yet. Locks are waited for until `timeout` after
  /// the beginning of a call, and any work is broken off `deadline` after it. The first call, which
  /// makes the file usable, begins now and may last for `most`.
  static Result<std::unique_ptr<SqliteConnection>> open(const std::string& path, Millis timeout,
                                                        Millis deadline, Millis most);
  SqliteConnection(const SqliteConnection&) = delete;
  SqliteConnection& operator=(const SqliteConnection&) = delete;
  ~SqliteConnection();

  /// Begins a call at `start`. It may last for `most`, or for what the connection was opened with
  /// if that is less.
  void begin_call(Time start, Millis most);

  /// Prepares `sql` with `values` for ?1, ?2 …. Statements are cached by the address of `sql`,
  /// which must therefore be a literal.
  template <class... Values>
  SqliteStatement prepare(const char* sql, const Values&... values) {
    const auto [statement, code] = cached(sql);
    SqliteStatement prepared(*this, statement, code);
    (prepared.bind(values), ...);
    return prepared;
  }

  /// Runs `sql` to its end.
  template <class... Values>
  Result<void> run(const char* sql, const Values&... values) {
    return prepare(sql, values...).finish();
  }

  /// Runs `sql`, which need not be kept.
  Result<void> run_once(const char* sql);

  /// The one integer that `sql` answers.
  Result<std::int64_t> ask(const char* sql);

  /// Rolls the transaction back, if one is still open.
  void roll_back();

  /// How many rows the last statement changed.
  int changes() const { return sqlite3_changes(database_); }

  /// How many rows all statements changed.
  std::int64_t total_changes() const { return sqlite3_total_changes(database_); }

  /// Whether the last error was that of a lock somebody else holds.
  bool busy() const { return (sqlite3_errcode(database_) & 0xff) == SQLITE_BUSY; }

  /// Until when this call waits for locks.
  Time lock_until() const { return lock_until_; }

  /// Whether the file can only be read.
  bool read_only() const { return sqlite3_db_readonly(database_, "main") == 1; }

  /// Whether the path no longer leads to the open file: somebody removed or replaced it.
  bool moved() const;

  /// Gives up the connection without closing it, as the child of a fork must.
  void abandon();

  /// The error that SQLite's `code` means for a person, with the file's name.
  Error error(int code) const;

 private:
  SqliteConnection(std::string path, Millis timeout, Millis deadline);

  struct Finalizer {
    void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
  };
  struct Cached {
    sqlite3_stmt* statement;
    int code;
  };

  Cached cached(const char* sql);
  int system_error() const;
  static int wait_for_lock(void* self, int tries);
  static int past_deadline(void* self);

  std::string path_;
  Millis timeout_;
  Millis deadline_;
  Millis lock_wait_{};  ///< Of this call.
  Millis work_time_{};  ///< Of this call.
  Time lock_until_;
  Time work_until_;
  sqlite3* database_ = nullptr;
  std::map<const char*, std::unique_ptr<sqlite3_stmt, Finalizer>> statements_;
};

}  // namespace rz::storage
