#include "rz/health/checks/sql_check.h"

#include <fmt/format.h>

#include <array>

#include "rz/base/duration.h"
#include "rz/base/json.h"
#include "rz/base/text.h"
#include "rz/cond/condition.h"
#include "rz/health/checks/basic_check.h"
#include "rz/health/judging/findings.h"
#include "rz/health/judging/measured_limits.h"
#include "rz/health/judging/value_condition.h"
#include "rz/net/url.h"

namespace rz::health {
namespace {

constexpr std::size_t kMaxShownResult = 200;
constexpr Range<Millis> kLagRange = {Millis{0}, std::chrono::hours{24 * 365}};
constexpr std::array<Choice<DatabaseRole>, 3> kDatabaseRoles = {
    {{"any", DatabaseRole::any},
     {"primary", DatabaseRole::primary},
     {"replica", DatabaseRole::replica}}};

/// What `expect` may name. The type of the value is known once the query has run.
ConditionOptions query_condition_options(VariableType value) {
  return {.variables = {{"value", value}, {"rows", VariableType::integer}}};
}

VariableType type_of(const Value& value) {
  if (value.as_string()) return VariableType::string;
  return value.as_bool() ? VariableType::boolean : VariableType::number;
}

ConditionContext context_of(const SqlAnswer& answer) {
  ConditionContext context;
  context.set("rows", answer.rows);
  if (const auto* text = answer.value.as_string()) context.set("value", *text);
  if (const auto* flag = answer.value.as_bool()) context.set("value", *flag);
  if (const auto* integer = answer.value.as_int()) context.set("value", *integer);
  if (const auto* number = answer.value.as_double()) context.set("value", *number);
  return context;
}

class SqlCheck final : public BasicCheck {
 public:
  SqlCheck(std::string_view type, SqlCheckOptions options, SqlClientFactory client)
      : BasicCheck(type, options), options_(std::move(options)), client_(std::move(client)) {}

  CheckResult check() override {
    const std::string where = net::redacted_url(options_.url);
    Value metadata = Value::object({{"url", where}});
    const auto client = client_();
    if (!client) {
      Error error = client.error();
      error.own_side = true;
      return failed(error, std::move(metadata));
    }
    const auto answer = (*client)->ask({.url = options_.url,
                                        .password = options_.password,
                                        .ca = options_.ca,
                                        .query = options_.query,
                                        .timeout = options_.timeout});
    if (!answer) {
      Error error = answer.error();
      error.where = where;
      if (error.code == ErrorCode::timeout) {
        error.message = "no answer within " + format_duration(options_.timeout);
      }
      return failed(error, std::move(metadata));
    }
    if (!answer->rejects.empty()) {
      return this->answer(HealthStatus::degraded, where + ": takes nobody in: " + answer->rejects,
                          std::move(metadata));
    }
    return judge_answer(*answer, where, std::move(metadata));
  }

 private:
  CheckResult judge_answer(const SqlAnswer& answer, const std::string& where,
                           Value metadata) const {
    const char* role = answer.replica ? "replica" : "primary";
    metadata.set("version", answer.version);
    if (answer.replication_known) metadata.set("role", role);
    if (answer.lag_seconds) {
      metadata.set("lag_seconds", *answer.lag_seconds);
      set_most(metadata, "lag_seconds", limit_in_seconds(options_.lag_warning),
               limit_in_seconds(options_.lag_critical));
    }
    std::string facts = "version " + answer.version;
    if (answer.replication_known) facts += std::string(", ") + role;
    if (answer.lag_seconds) facts += fmt::format(", {:.1f} s behind", *answer.lag_seconds);
    Findings findings;
    judge_replication(answer, findings);
    if (!options_.query.empty()) {
      metadata.set("rows", answer.rows);
      metadata.set("value", answer.value);
      judge_query(answer, findings);
    }
    return this->answer(findings.status(), where + ": " + findings.before(facts),
                        std::move(metadata));
  }

  void judge_replication(const SqlAnswer& answer, Findings& findings) const {
    const bool asks_lag = options_.lag_warning || options_.lag_critical;
    if (!answer.replication_known) {
      if (options_.role == DatabaseRole::any && !asks_lag) return;
      return findings.add(HealthStatus::unknown,
                          "does not tell its role: " + answer.replication_problem);
    }
    if (options_.role != DatabaseRole::any &&
        (options_.role == DatabaseRole::replica) != answer.replica) {
      return findings.add(HealthStatus::unhealthy, answer.replica
                                                       ? "is a replica, expected a primary"
                                                       : "is a primary, expected a replica");
    }
    if (!answer.replica) return;
    if (!answer.replication_problem.empty()) {
      findings.add(HealthStatus::unhealthy, answer.replication_problem);
    }
    if (asks_lag) judge_lag(answer.lag_seconds, findings);
  }

  void judge_lag(std::optional<double> lag, Findings& findings) const {
    // Silence about the lag has its reason among the findings, or is all that there is.
    if (!lag) return findings.add(HealthStatus::unknown, "does not tell how far it is behind");
    const auto reaches = [&](const std::optional<Millis>& limit) {
      return limit && *lag >= std::chrono::duration<double>(*limit).count();
    };
    const std::string behind = fmt::format("{:.1f} s behind", *lag);
    if (reaches(options_.lag_critical)) {
      findings.add(HealthStatus::unhealthy,
                   behind + ", critical from " + format_duration(*options_.lag_critical));
    } else if (reaches(options_.lag_warning)) {
      findings.add(HealthStatus::degraded,
                   behind + ", warning from " + format_duration(*options_.lag_warning));
    }
  }

  void judge_query(const SqlAnswer& answer, Findings& findings) const {
    if (options_.expect.empty()) return;
    const auto condition =
        parse_condition(options_.expect, query_condition_options(type_of(answer.value)));
    const auto holds =
        condition ? condition->evaluate(context_of(answer)) : Result<bool>(fail(condition.error()));
    const std::string got = "got " + ellipsize(printable(to_json(answer.value)), kMaxShownResult) +
                            " in " + std::to_string(answer.rows) +
                            (answer.rows == 1 ? " row" : " rows");
    if (!holds) {
      const std::string& why = holds.error().message;
      findings.add(HealthStatus::unknown, got + ": " + why.substr(0, why.find('\n')));
    } else if (!*holds) {
      findings.add(HealthStatus::unhealthy, got + ", expected " + printable(options_.expect));
    }
  }

  SqlCheckOptions options_;
  SqlClientFactory client_;
};

}  // namespace

void visit_sql_fields(FieldVisitor& fields, SqlCheckOptions& options, std::string_view variable) {
  fields.secret(
      {"password_file", "A file with the password, for a URL that has none.", "/run/secrets/redis"},
      options.password, variable);
  fields.choice<DatabaseRole>({"role", "What the server must be."}, options.role, kDatabaseRoles);
  fields.duration({"lag_warning", "From this lag on a replica is degraded.", "30s"},
                  options.lag_warning, kLagRange);
  fields.duration({"lag_critical", "From this lag on a replica is unhealthy.", "5m"},
                  options.lag_critical, kLagRange);
  fields.text(
      {"query", "A query that only reads; empty: none.", "SELECT count(*) FROM jobs WHERE failed"},
      options.query);
  fields.condition({.key = "expect",
                    .sentence = "What must be true of the query's 'value' and 'rows'.",
                    .example = "value < 100"},
                   [&](const std::string& text) {
                     options.expect = text;
                     return check_value_condition(text, query_condition_options);
                   });
  if (fields.has("expect") && options.query.empty()) {
    fields.error("expect", "has no effect without 'query'; give both or remove it");
  }
  if (options.lag_warning && options.lag_critical && *options.lag_warning > *options.lag_critical) {
    fields.error("lag_warning", "is above 'lag_critical', so it would never apply");
  }
}

std::shared_ptr<HealthCheck> make_sql_check(std::string_view type, SqlCheckOptions options,
                                            SqlClientFactory client) {
  return std::make_shared<SqlCheck>(type, std::move(options), std::move(client));
}

}  // namespace rz::health
