#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "rz/base/clock.h"
#include "rz/base/result.h"
#include "rz/base/value.h"

namespace rz::health {

/// What a database server is asked. No error of an answer holds the password.
struct SqlQuestion {
  std::string url{};       ///< `postgresql://…`, which libpq reads, or `mysql://…`.
  std::string password{};  ///< Empty: that of the URL, or what the library finds by itself.
  std::string ca{};     ///< mysql only: TLS is needed, and the server's certificate is one of it.
  std::string query{};  ///< One query that only reads; empty: none.
  Millis timeout{5'000};
};

/// What it answers.
struct SqlAnswer {
  std::string version;
  /// Not empty: it is there, but takes nobody in yet, or any more; nothing else was asked then.
  std::string rejects;
  bool replica = false;
  /// How far a replica is behind; nothing if it is none, or cannot tell.
  std::optional<double> lag_seconds;
  /// Why a replica does not follow, or why that cannot be told; empty: it follows.
  std::string replication_problem;
  bool replication_known = true;  ///< Whether this user may ask about replication.
  Value value;                    ///< The first column of the first row of the query.
  std::int64_t rows = 0;
};

/// One connection for one question. Thread-safe: it keeps nothing.
/// Errors: unavailable, timeout, auth (the server refuses this user); invalid_argument (the URL;
/// the server calls the query wrong), Error::own_side where the server was not reached by fault of
/// this machine.
class SqlClient {
 public:
  virtual ~SqlClient() = default;
  virtual Result<SqlAnswer> ask(const SqlQuestion& question) = 0;
};

}  // namespace rz::health
