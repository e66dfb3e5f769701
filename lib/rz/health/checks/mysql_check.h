#pragma once

#include <memory>

#include "rz/health/checks/sql_check.h"

namespace rz::health {

/// `type: mysql`: a MySQL or MariaDB server; see make_sql_check.
struct MysqlCheckOptions : SqlCheckOptions {
  static constexpr std::string_view kType = "mysql";
};

void visit_fields(FieldVisitor& fields, MysqlCheckOptions& options);

/// The client on libmariadb, which is loaded by the first call. Errors: unavailable.
Result<std::unique_ptr<SqlClient>> make_mysql_client();

std::shared_ptr<HealthCheck> make_health_check(const MysqlCheckOptions& options,
                                               const CheckDependencies& dependencies);

}  // namespace rz::health
