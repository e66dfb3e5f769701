// The module `mysql`: SqlClient on libmariadb, for MariaDB and MySQL.

#include <errmsg.h>
#include <mysql.h>
#include <mysqld_error.h>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <memory>
#include <string_view>

#include "rz/base/descriptor_limit.h"
#include "rz/base/text.h"
#include "rz/base/try.h"
#include "rz/health/clients/mysql_module.h"
#include "rz/health/clients/mysql_url.h"

namespace rz::health {
namespace {

struct MysqlDeleter {
  void operator()(MYSQL* connection) const { ::mysql_close(connection); }
  void operator()(MYSQL_RES* result) const { ::mysql_free_result(result); }
};
using Connection = std::unique_ptr<MYSQL, MysqlDeleter>;
using Rows = std::unique_ptr<MYSQL_RES, MysqlDeleter>;

const char* or_null(const std::string& text) { return text.empty() ? nullptr : text.c_str(); }

bool is_client_error(unsigned code) { return code >= CR_MIN_ERROR && code <= CR_MAX_ERROR; }

Error connect_error(MYSQL* connection, bool by_socket) {
  const unsigned code = ::mysql_errno(connection);
  std::string text = printable(::mysql_error(connection));
  if (const auto shortage = descriptor_shortage(); shortage && is_client_error(code)) {
    return {ErrorCode::unavailable, "cannot connect: " + *shortage, {}, true};
  }
  switch (code) {
    case CR_CONNECTION_ERROR:
    case CR_CONN_HOST_ERROR:
      // Of a host, the library quotes an error of the system that says nothing, EINPROGRESS.
      if (!by_socket) {
        text = "cannot connect; does MariaDB or MySQL run there, and listen on this address?";
      }
      return {ErrorCode::unavailable, std::move(text), {}};
    case CR_SERVER_GONE_ERROR:
    case CR_SERVER_LOST:
    case CR_SSL_CONNECTION_ERROR:
    case CR_VERSION_ERROR:
    case CR_SERVER_HANDSHAKE_ERR: return {ErrorCode::unavailable, std::move(text), {}};
    // That a host is not known may be a name service that does not answer.
    case CR_UNKNOWN_HOST: return {ErrorCode::unavailable, std::move(text), {}, true};
    default: break;
  }
  // What the server itself says: access denied, no such database, too many connections.
  if (!is_client_error(code)) return {ErrorCode::auth, std::move(text), {}};
  return {ErrorCode::unavailable, std::move(text), {}, true};
}

// A query that the server cannot read, or whose tables are not there, says nothing about the
// server.
bool is_wrong_query(unsigned code) {
  switch (code) {
    case ER_PARSE_ERROR:
    case ER_EMPTY_QUERY:
    case ER_NO_SUCH_TABLE:
    case ER_BAD_FIELD_ERROR:
    case ER_NO_DB_ERROR:
    case ER_TABLEACCESS_DENIED_ERROR:
    case ER_COLUMNACCESS_DENIED_ERROR:
    case ER_SPECIFIC_ACCESS_DENIED_ERROR:
    case ER_CANT_EXECUTE_IN_READ_ONLY_TRANSACTION: return true;
    default: return false;
  }
}

Result<Rows> run_query(MYSQL* connection, const std::string& query) {
  Rows rows;
  if (::mysql_real_query(connection, query.data(), query.size()) == 0) {
    rows.reset(::mysql_store_result(connection));
  }
  const unsigned code = ::mysql_errno(connection);
  if (code == 0) return rows;
  return fail(is_wrong_query(code) ? ErrorCode::invalid_argument : ErrorCode::unavailable,
              "the query failed: " + printable(::mysql_error(connection)));
}

Value value_of(const char* text, unsigned long size, enum_field_types type) {
  if (!text) return {};
  const std::string_view view(text, size);
  switch (type) {
    case MYSQL_TYPE_TINY:
    case MYSQL_TYPE_SHORT:
    case MYSQL_TYPE_INT24:
    case MYSQL_TYPE_LONG:
    case MYSQL_TYPE_LONGLONG:
    case MYSQL_TYPE_YEAR:
      if (const auto number = parse_int(view)) return *number;
      break;
    case MYSQL_TYPE_FLOAT:
    case MYSQL_TYPE_DOUBLE:
    case MYSQL_TYPE_DECIMAL:
    case MYSQL_TYPE_NEWDECIMAL:
      if (const auto number = parse_double(view)) return *number;
      break;
    default: break;
  }
  return view;
}

/// A row of SHOW REPLICA STATUS, whose columns have other names in MySQL.
class ReplicaStatus {
 public:
  ReplicaStatus(MYSQL_RES* rows, MYSQL_ROW row) : rows_(rows), row_(row) {}

  std::string text(std::initializer_list<const char*> names) const {
    const MYSQL_FIELD* fields = ::mysql_fetch_fields(rows_);
    for (unsigned i = 0; i < ::mysql_num_fields(rows_); ++i) {
      for (const char* name : names) {
        if (std::strcmp(fields[i].name, name) == 0 && row_[i]) return row_[i];
      }
    }
    return "";
  }

 private:
  MYSQL_RES* rows_;
  MYSQL_ROW row_;
};

void read_replica(const ReplicaStatus& status, SqlAnswer& answer) {
  answer.replica = true;
  const std::string io = status.text({"Slave_IO_Running", "Replica_IO_Running"});
  const std::string sql = status.text({"Slave_SQL_Running", "Replica_SQL_Running"});
  answer.lag_seconds =
      parse_double(status.text({"Seconds_Behind_Master", "Seconds_Behind_Source"}));
  if (io != "Yes") {
    answer.replication_problem = "it does not receive from its primary (IO thread: " + io + ")";
  } else if (sql != "Yes") {
    answer.replication_problem = "it does not replay what it receives (SQL thread: " + sql + ")";
  }
  for (const char* error : {"Last_IO_Error", "Last_SQL_Error"}) {
    const std::string text = status.text({error});
    if (answer.replication_problem.empty() || text.empty()) continue;
    answer.replication_problem += ": " + ellipsize(printable(text), 200);
    break;
  }
}

// MariaDB and MySQL know both statements in some versions, and one of them in all.
void read_replication(MYSQL* connection, SqlAnswer& answer) {
  auto rows = run_query(connection, "SHOW SLAVE STATUS");
  if (!rows && ::mysql_errno(connection) == ER_PARSE_ERROR) {
    rows = run_query(connection, "SHOW REPLICA STATUS");
  }
  if (!rows || !*rows) {
    answer.replication_known = false;
    answer.replication_problem = rows ? "the server does not tell" : rows.error().message;
    return;
  }
  if (MYSQL_ROW row = ::mysql_fetch_row(rows->get())) {
    read_replica(ReplicaStatus(rows->get(), row), answer);
  }
}

Result<void> read_query(MYSQL* connection, const std::string& query, SqlAnswer& answer) {
  TRY(run_query(connection, "SET SESSION TRANSACTION READ ONLY"));
  TRY_ASSIGN(const Rows rows, run_query(connection, query));
  if (!rows) return {};
  answer.rows = static_cast<std::int64_t>(::mysql_num_rows(rows.get()));
  if (MYSQL_ROW row = ::mysql_fetch_row(rows.get())) {
    const MYSQL_FIELD* field = ::mysql_fetch_field_direct(rows.get(), 0);
    answer.value = value_of(row[0], ::mysql_fetch_lengths(rows.get())[0], field->type);
  }
  return {};
}

class MysqlClient final : public SqlClient {
 public:
  Result<SqlAnswer> ask(const SqlQuestion& question) override {
    const auto end = std::chrono::steady_clock::now() + question.timeout;
    auto answer = ask_once(question);
    // To the library, silence is a lost connection.
    if (!answer && answer.error().code == ErrorCode::unavailable &&
        std::chrono::steady_clock::now() >= end) {
      return fail(ErrorCode::timeout, "no answer in time");
    }
    return answer;
  }

 private:
  static Result<SqlAnswer> ask_once(const SqlQuestion& question) {
    TRY_ASSIGN(MysqlUrl url, parse_mysql_url(question.url));
    if (!question.password.empty()) url.password = question.password;
    const Connection connection(::mysql_init(nullptr));
    if (!connection) return fail_own_side(ErrorCode::internal, "out of memory");
    set_options(connection.get(), question);
    if (!::mysql_real_connect(connection.get(), or_null(url.host), url.user.c_str(),
                              url.password.c_str(), or_null(url.database), url.port,
                              or_null(url.socket), 0)) {
      return fail(connect_error(connection.get(), !url.socket.empty()));
    }
    SqlAnswer answer;
    answer.version = printable(::mysql_get_server_info(connection.get()));
    read_replication(connection.get(), answer);
    if (!question.query.empty()) TRY(read_query(connection.get(), question.query, answer));
    return answer;
  }

  static void set_options(MYSQL* connection, const SqlQuestion& question) {
    // The library counts whole seconds, for each wait; the runner keeps to the time itself.
    const auto seconds =
        static_cast<unsigned>(std::chrono::ceil<std::chrono::seconds>(question.timeout).count());
    for (const mysql_option option :
         {MYSQL_OPT_CONNECT_TIMEOUT, MYSQL_OPT_READ_TIMEOUT, MYSQL_OPT_WRITE_TIMEOUT}) {
      ::mysql_optionsv(connection, option, &seconds);
    }
    // A server could otherwise ask for any file of this machine.
    const unsigned no_files = 0;
    ::mysql_optionsv(connection, MYSQL_OPT_LOCAL_INFILE, &no_files);
    if (question.ca.empty()) return;
    const my_bool yes = 1;
    ::mysql_ssl_set(connection, nullptr, nullptr, question.ca.c_str(), nullptr, nullptr);
    ::mysql_optionsv(connection, MYSQL_OPT_SSL_ENFORCE, &yes);
    ::mysql_optionsv(connection, MYSQL_OPT_SSL_VERIFY_SERVER_CERT, &yes);
  }
};

}  // namespace
}  // namespace rz::health

extern "C" rz::health::SqlClient* rz_make_mysql_client() {
  // In some builds the library's initialization is not safe with several threads; that of a static
  // is.
  static const int initialized = ::mysql_server_init(0, nullptr, nullptr);
  return initialized == 0 ? new rz::health::MysqlClient : nullptr;
}
