#include "rz/health/checks/redis_check.h"

#include "rz/base/text.h"
#include "rz/health/checks/basic_check.h"
#include "rz/storage/storage_url.h"

namespace rz {
namespace {

class RedisCheck final : public BasicCheck {
 public:
  RedisCheck(RedisCheckOptions options, RedisPinger pinger)
      : BasicCheck("redis", options),
        server_(std::move(options.server)),
        pinger_(std::move(pinger)) {
    server_.timeout = timeout();
  }

  CheckResult check() override {
    Value metadata = Value::object({{"url", redact_url(server_.url)}});
    const auto ping = pinger_(server_);
    if (!ping) return failed(ping.error(), std::move(metadata));
    switch (ping->state) {
      case RedisPing::State::ready:
        return answer(HealthStatus::healthy, "PONG", std::move(metadata));
      case RedisPing::State::loading:
      case RedisPing::State::master_down:
      case RedisPing::State::busy:
      case RedisPing::State::cluster_down: break;
    }
    return answer(HealthStatus::degraded, ping->message, std::move(metadata));
  }

 private:
  StorageOptions server_;
  RedisPinger pinger_;
};

}  // namespace

std::shared_ptr<HealthCheck> make_redis_check(RedisCheckOptions options, RedisPinger pinger) {
  return std::make_shared<RedisCheck>(std::move(options), std::move(pinger));
}

}  // namespace rz
