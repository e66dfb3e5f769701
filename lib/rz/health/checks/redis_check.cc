#include "rz/health/checks/redis_check.h"

#include "rz/base/text.h"
#include "rz/health/checks/basic_check.h"
#include "rz/health/judging/findings.h"
#include "rz/net/tls.h"
#include "rz/storage/storage_fields.h"
#include "rz/storage/storage_url.h"

namespace rz::health {
namespace {

class RedisCheck final : public BasicCheck {
 public:
  RedisCheck(RedisCheckOptions options, RedisPinger pinger)
      : BasicCheck(RedisCheckOptions::kType, options),
        server_(std::move(options.server)),
        expect_(options.expect),
        write_(options.write),
        pinger_(std::move(pinger)) {
    server_.timeout = timeout();
  }

  bool shares_thread() const override { return true; }

  // A client that is made now has the files of the next one read already.
  void prepare() override {
    const auto url = storage::parse_storage_url(server_.url);
    if (url && url->tls) (void)net::make_tls_client(server_.tls);
  }

  CheckResult check() override {
    Value metadata = Value::object({{"url", storage::redact_url(server_.url)}});
    const auto ping =
        pinger_(server_, {.info = expect_.asks(), .save = expect_.persistence, .write = write_});
    if (!ping) return failed(ping.error(), std::move(metadata));
    switch (ping->state) {
      case storage::RedisPing::State::ready: return judged(*ping, std::move(metadata));
      case storage::RedisPing::State::loading:
      case storage::RedisPing::State::master_down:
      case storage::RedisPing::State::busy:
      case storage::RedisPing::State::cluster_down: break;
    }
    return answer(HealthStatus::degraded, ping->message, std::move(metadata));
  }

 private:
  CheckResult judged(const storage::RedisPing& ping, Value metadata) const {
    Findings findings;
    if (expect_.asks()) judge_redis(ping, expect_, findings, metadata);
    if (ping.write_error) {
      findings.add(HealthStatus::unhealthy,
                   "it cannot be written to: " + ping.write_error->message);
    }
    auto evictions = evictions_of(ping, expect_, findings);
    CheckResult result =
        answer(findings.status(), findings.empty() ? "PONG" : findings.text(), std::move(metadata));
    result.growing = std::move(evictions);
    return result;
  }

  StorageOptions server_;
  RedisExpectation expect_;
  bool write_;
  RedisPinger pinger_;
};

}  // namespace

void visit_fields(FieldVisitor& fields, RedisCheckOptions& options) {
  storage::visit_connection(fields,
                            {.key = "url",
                             .sentence = "The server that must answer PING.",
                             .example = "rediss://cache.internal:6379",
                             .needed_by = "a redis check"},
                            options.server);
  const auto url = storage::parse_storage_url(options.server.url);
  if (url && (url->kind == storage::StorageUrl::Kind::memory ||
              url->kind == storage::StorageUrl::Kind::sqlite)) {
    fields.value_error("url", "is not the URL of a Redis server; write it like redis://host:6379",
                       "is not the URL of a Redis server");
  }
  visit_fields(fields, options.expect);
  fields.boolean({"write", "Whether the key rz:probe must be written, which lives for an hour."},
                 options.write);
}

std::shared_ptr<HealthCheck> make_redis_check(RedisCheckOptions options, RedisPinger pinger) {
  return std::make_shared<RedisCheck>(std::move(options), std::move(pinger));
}

std::shared_ptr<HealthCheck> make_health_check(const RedisCheckOptions& options,
                                               const CheckDependencies&) {
  return make_redis_check(options);
}

}  // namespace rz::health
