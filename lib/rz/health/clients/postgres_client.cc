// The module `postgres`: SqlClient on libpq, without its blocking calls.

#include <libpq-fe.h>
#include <poll.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <memory>
#include <string_view>

#include "rz/base/descriptor_limit.h"
#include "rz/base/file.h"
#include "rz/base/text.h"
#include "rz/base/try.h"
#include "rz/health/clients/postgres_module.h"

namespace rz::health {
namespace {

using std::chrono::steady_clock;
using SteadyTime = steady_clock::time_point;

struct PqDeleter {
  void operator()(PGconn* connection) const { ::PQfinish(connection); }
  void operator()(PGresult* result) const { ::PQclear(result); }
};
using Connection = std::unique_ptr<PGconn, PqDeleter>;
using Answer = std::unique_ptr<PGresult, PqDeleter>;

// A replica knows how far it is behind. The primary does not know of one that has lost it. What was
// received and replayed is no lag, however long ago the last transaction was.
constexpr const char* kReplication =
    "SELECT pg_is_in_recovery(), CASE WHEN NOT pg_is_in_recovery() THEN NULL "
    "WHEN (SELECT count(*) FROM pg_stat_wal_receiver) > 0 AND pg_last_wal_receive_lsn() = "
    "pg_last_wal_replay_lsn() THEN 0 "
    "ELSE extract(epoch FROM clock_timestamp() - pg_last_xact_replay_timestamp()) END, "
    "(SELECT count(*) FROM pg_stat_wal_receiver)";

// The first line of libpq's text, without what it repeats.
std::string first_line(const char* text) {
  const std::string_view all = trim(text ? text : "");
  const std::string_view line = all.substr(0, all.find('\n'));
  for (const std::string_view mark : {"failed: FATAL:  ", "failed: ", "ERROR:  ", "FATAL:  "}) {
    const std::size_t at = line.find(mark);
    if (at != std::string_view::npos) return printable(trim(line.substr(at + mark.size())));
  }
  return printable(line);
}

tl::unexpected<Error> silence() { return fail(ErrorCode::timeout, "no answer in time"); }

Result<void> wait_for_socket(PGconn* connection, short events, SteadyTime end) {
  while (true) {
    const auto left = std::chrono::ceil<Millis>(end - steady_clock::now()).count();
    if (left <= 0) return silence();
    pollfd entry{::PQsocket(connection), events, 0};
    const int ready = ::poll(&entry, 1, static_cast<int>(std::min<long long>(left, 60'000)));
    if (ready > 0) return {};
    if (ready < 0 && errno != EINTR) return fail(ErrorCode::unavailable, errno_text(errno));
  }
}

/// The options of a connection. They point to the texts of the question.
struct Parameters {
  explicit Parameters(const SqlQuestion& question) {
    add("dbname", question.url);
    if (!question.password.empty()) add("password", question.password);
    fallback("fallback_application_name", "rz");
    // A whole second is the least that libpq's own calls wait.
    fallback("connect_timeout", "2");
  }
  void add(const char* key, const std::string& value) { fallback(key, value.c_str()); }
  void fallback(const char* key, const char* value) {
    keys[count] = key;
    values[count++] = value;
  }
  const char* keys[8] = {};
  const char* values[8] = {};
  std::size_t count = 0;
};

/// Why no connection came about, and whose fault that is: libpq only has a text, so the server is
/// pinged, which tells whether it is there.
/// `connected`: whether somebody has taken the connection, so that what failed is the talk with it.
Result<SqlAnswer> explain_failure(const Parameters& parameters, PGconn* connection,
                                  bool connected) {
  const std::string text = first_line(::PQerrorMessage(connection));
  switch (::PQpingParams(parameters.keys, parameters.values, 1)) {
    case PQPING_REJECT: {
      SqlAnswer answer;
      answer.rejects = text;
      return answer;
    }
    case PQPING_OK: return fail(ErrorCode::auth, text);
    case PQPING_NO_ATTEMPT: return fail_own_side(ErrorCode::invalid_argument, text);
    case PQPING_NO_RESPONSE: break;
  }
  if (auto shortage = descriptor_shortage()) {
    return fail_own_side(ErrorCode::unavailable, "cannot connect: " + *shortage);
  }
  return fail(ErrorCode::unavailable, text + (connected ? "; is this a PostgreSQL server?" : ""));
}

// Sets `connected` once somebody has taken the connection.
Result<void> finish_connecting(PGconn* connection, SteadyTime end, bool& connected) {
  // As if PQconnectPoll() had answered so.
  PostgresPollingStatusType state = PGRES_POLLING_WRITING;
  while (true) {
    if (state == PGRES_POLLING_OK) return {};
    if (state == PGRES_POLLING_FAILED) return fail(ErrorCode::unavailable, "cannot connect");
    TRY(wait_for_socket(connection, state == PGRES_POLLING_READING ? POLLIN : POLLOUT, end));
    state = ::PQconnectPoll(connection);
    const ConnStatusType status = ::PQstatus(connection);
    if (status != CONNECTION_STARTED && status != CONNECTION_BAD) connected = true;
  }
}

// Class 42 of SQLSTATE: the query is wrong, and 25006: it does not only read. Neither says anything
// about the server.
Error query_error(const PGresult* result, PGconn* connection) {
  const char* state = ::PQresultErrorField(result, PG_DIAG_SQLSTATE);
  const char* message = ::PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
  const std::string_view code = state ? state : "";
  const bool wrong = code.starts_with("42") || code == "25006";
  return {wrong ? ErrorCode::invalid_argument : ErrorCode::unavailable,
          "the query failed: " +
              (message ? printable(message) : first_line(::PQerrorMessage(connection))),
          {}};
}

/// The last result of `query`.
Result<Answer> run_query(PGconn* connection, const char* query, SteadyTime end) {
  if (::PQsendQuery(connection, query) != 1) {
    return fail(ErrorCode::unavailable, first_line(::PQerrorMessage(connection)));
  }
  Answer last;
  while (true) {
    while (::PQisBusy(connection) == 1) {
      TRY(wait_for_socket(connection, POLLIN, end));
      if (::PQconsumeInput(connection) != 1) {
        return fail(ErrorCode::unavailable, first_line(::PQerrorMessage(connection)));
      }
    }
    Answer next(::PQgetResult(connection));
    if (!next) return last;
    const ExecStatusType status = ::PQresultStatus(next.get());
    if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK) {
      return fail(query_error(next.get(), connection));
    }
    last = std::move(next);
  }
}

bool is_null(const PGresult* result, int column) { return ::PQgetisnull(result, 0, column) == 1; }

std::string_view text_at(const PGresult* result, int column) {
  return ::PQgetvalue(result, 0, column);
}

// The numbers are those of pg_type, which never change.
Value value_at(const PGresult* result, int column) {
  constexpr Oid kBool = 16, kInt8 = 20, kInt2 = 21, kInt4 = 23, kFloat4 = 700, kFloat8 = 701,
                kNumeric = 1700;
  if (is_null(result, column)) return {};
  const std::string_view text = text_at(result, column);
  switch (::PQftype(result, column)) {
    case kBool: return text == "t";
    case kInt2:
    case kInt4:
    case kInt8:
      if (const auto number = parse_int(text)) return *number;
      break;
    case kFloat4:
    case kFloat8:
    case kNumeric:
      if (const auto number = parse_double(text)) return *number;
      break;
    default: break;
  }
  return text;
}

void read_replication(const PGresult* result, SqlAnswer& answer) {
  answer.replica = text_at(result, 0) == "t";
  if (!answer.replica) return;
  if (!is_null(result, 1)) answer.lag_seconds = parse_double(text_at(result, 1));
  if (text_at(result, 2) == "0") answer.replication_problem = "it is not connected to its primary";
}

Result<void> read_query(PGconn* connection, const std::string& query, SqlAnswer& answer,
                        SteadyTime end) {
  TRY(run_query(connection, "SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY", end));
  TRY_ASSIGN(const Answer result, run_query(connection, query.c_str(), end));
  answer.rows = result ? ::PQntuples(result.get()) : 0;
  if (answer.rows > 0 && ::PQnfields(result.get()) > 0) answer.value = value_at(result.get(), 0);
  return {};
}

class PostgresClient final : public SqlClient {
 public:
  Result<SqlAnswer> ask(const SqlQuestion& question) override {
    const SteadyTime end = steady_clock::now() + question.timeout;
    const Parameters parameters(question);
    const Connection connection(::PQconnectStartParams(parameters.keys, parameters.values, 1));
    if (!connection) return fail_own_side(ErrorCode::internal, "out of memory");
    if (::PQstatus(connection.get()) == CONNECTION_BAD) {
      return explain_failure(parameters, connection.get(), false);
    }
    bool connected = false;
    const auto let_in = finish_connecting(connection.get(), end, connected);
    if (!let_in && let_in.error().code == ErrorCode::timeout) return silence();
    if (!let_in) return explain_failure(parameters, connection.get(), connected);
    SqlAnswer answer;
    const char* version = ::PQparameterStatus(connection.get(), "server_version");
    answer.version = printable(version ? version : "");
    TRY_ASSIGN(const Answer replication, run_query(connection.get(), kReplication, end));
    read_replication(replication.get(), answer);
    if (!question.query.empty()) {
      TRY(read_query(connection.get(), question.query, answer, end));
    }
    return answer;
  }
};

}  // namespace
}  // namespace rz::health

extern "C" rz::health::SqlClient* rz_make_postgres_client() {
  return new rz::health::PostgresClient;
}
