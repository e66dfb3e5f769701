#pragma once

#include <memory>

#include "rz/health/checks/sql_check.h"

namespace rz::health {

/// `type: postgres`: a PostgreSQL server; see make_sql_check.
struct PostgresCheckOptions : SqlCheckOptions {
  static constexpr std::string_view kType = "postgres";
};

void visit_fields(FieldVisitor& fields, PostgresCheckOptions& options);

/// The client on libpq, which is loaded by the first call. Errors: unavailable.
Result<std::unique_ptr<SqlClient>> make_postgres_client();

std::shared_ptr<HealthCheck> make_health_check(const PostgresCheckOptions& options,
                                               const CheckDependencies& dependencies);

}  // namespace rz::health
