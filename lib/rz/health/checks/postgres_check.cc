#include "rz/health/checks/postgres_check.h"

#include "rz/health/clients/postgres_module.h"

namespace rz::health {

void visit_fields(FieldVisitor& fields, PostgresCheckOptions& options) {
  const bool given = fields.url({.key = "url",
                                 .sentence = "The server, its database and the user.",
                                 .example = "postgresql://rz@db.internal:5432/app",
                                 .needed_by = "a postgres check"},
                                options.url);
  if (given && !options.url.starts_with("postgresql://") &&
      !options.url.starts_with("postgres://")) {
    fields.value_error("url",
                       "is not the URL of a server; write it like postgresql://user@host:5432/db",
                       "is not the URL of a server");
  }
  // What shows a URL hides the password of its user, and knows nothing of libpq's parameters.
  const std::size_t query = options.url.find('?');
  if (query != std::string::npos && options.url.find("password=", query) != std::string::npos) {
    fields.value_error("url", "has a password among its parameters; put it into 'password_file'",
                       "has a password among its parameters");
    options.url.clear();
  }
  visit_sql_fields(fields, options, "PGPASSWORD");
}

Result<std::unique_ptr<SqlClient>> make_postgres_client() {
  const auto make = load_module(kPostgresModule);
  if (!make) return fail(make.error());
  return std::unique_ptr<SqlClient>((*make)());
}

std::shared_ptr<HealthCheck> make_health_check(const PostgresCheckOptions& options,
                                               const CheckDependencies&) {
  return make_sql_check(PostgresCheckOptions::kType, options, make_postgres_client);
}

}  // namespace rz::health
