#include "rz/health/checks/mysql_check.h"

#include "rz/health/clients/mysql_module.h"
#include "rz/health/clients/mysql_url.h"

namespace rz::health {

void visit_fields(FieldVisitor& fields, MysqlCheckOptions& options) {
  const bool given = fields.url({.key = "url",
                                 .sentence = "The server, its database and the user.",
                                 .example = "mysql://rz@db.internal:3306/app",
                                 .needed_by = "a mysql check"},
                                options.url);
  const auto url = given ? parse_mysql_url(options.url) : Result<MysqlUrl>();
  if (!url) fields.value_error("url", url.error().message, "is not the URL of a server");
  fields.path({"ca", "Certificates of which one must have signed the server's, over TLS.",
               "/etc/ssl/certs/db.pem"},
              options.ca);
  visit_sql_fields(fields, options, "MYSQL_PWD");
}

Result<std::unique_ptr<SqlClient>> make_mysql_client() {
  const auto make = load_module(kMysqlModule);
  if (!make) return fail(make.error());
  std::unique_ptr<SqlClient> client((*make)());
  if (!client) return fail(ErrorCode::unavailable, "libmariadb cannot be initialized");
  return client;
}

std::shared_ptr<HealthCheck> make_health_check(const MysqlCheckOptions& options,
                                               const CheckDependencies&) {
  return make_sql_check(MysqlCheckOptions::kType, options, make_mysql_client);
}

}  // namespace rz::health
