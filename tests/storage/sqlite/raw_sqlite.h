#pragma once

#include <doctest/doctest.h>
#include <sqlite3.h>

#include <string>

namespace rz::storage {

/// A connection of another program to an SQLite file, made if missing.
class RawSqlite {
 public:
  explicit RawSqlite(const std::string& path) {
    REQUIRE(sqlite3_open(path.c_str(), &database_) == SQLITE_OK);
  }
  RawSqlite(const RawSqlite&) = delete;
  RawSqlite& operator=(const RawSqlite&) = delete;
  ~RawSqlite() { sqlite3_close(database_); }

  /// Runs `sql` and returns the last row's first column.
  std::string query(const std::string& sql) {
    std::string answer;
    const auto keep = [](void* target, int, char** values, char**) {
      *static_cast<std::string*>(target) = values[0] != nullptr ? values[0] : "NULL";
      return 0;
    };
    const int code = sqlite3_exec(database_, sql.c_str(), keep, &answer, nullptr);
    REQUIRE_MESSAGE(code == SQLITE_OK, sqlite3_errmsg(database_));
    return answer;
  }

 private:
  sqlite3* database_ = nullptr;
};

/// One query by another program.
inline std::string query(const std::string& path, const std::string& sql) {
  return RawSqlite(path).query(sql);
}

}  // namespace rz::storage
