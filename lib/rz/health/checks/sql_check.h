#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "rz/health/check_type.h"
#include "rz/health/clients/sql_client.h"

namespace rz::health {

/// Whether a database server must be the one that is written to, or one that follows it.
enum class DatabaseRole { any, primary, replica };

/// What the checks of database servers have in common.
struct SqlCheckOptions : CheckOptions {
  std::string url;
  std::string password;
  std::string ca;  ///< mysql only.
  DatabaseRole role = DatabaseRole::any;
  std::optional<Millis> lag_warning;
  std::optional<Millis> lag_critical;
  std::string query;
  std::string expect;  ///< A condition over `value` and `rows`; empty: none.
};

/// The fields of all but `url`. `variable` of the environment outranks the file with the password.
void visit_sql_fields(FieldVisitor& fields, SqlCheckOptions& options, std::string_view variable);

using SqlClientFactory = std::function<Result<std::unique_ptr<SqlClient>>()>;

/// Unhealthy if the server does not answer, refuses this user, has another role than expected, is a
/// replica that does not follow or is too far behind, or if `expect` is false of what `query`
/// returns; degraded while it is there but takes nobody in. Unknown where the server calls the
/// query wrong, does not tell of the replication that was asked for, or `expect` cannot be
/// answered. Metadata: url (without secrets), version, role, lag_seconds, value, rows.
std::shared_ptr<HealthCheck> make_sql_check(std::string_view type, SqlCheckOptions options,
                                            SqlClientFactory client);

}  // namespace rz::health
