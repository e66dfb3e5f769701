#include <doctest/doctest.h>

#include "reading.h"

namespace rz::config {

using testing::good;
using testing::wrong;

TEST_CASE("the configuration of the old system is read, with one warning") {
  const Config config = good(
      "redis_url: redis://localhost:6379\ntimeout: 5.0\nmax_retries: 4\n"
      "retry_delay: 0.5\n");
  CHECK(config.storage.url == "redis://localhost:6379");
  CHECK(config.storage.timeout == Millis{5'000});
  CHECK(config.storage.max_retries == 4);
  CHECK(config.storage.retry_delay == Millis{500});
  CHECK(config.notices.warnings() ==
        std::vector<std::string>{"rz.yaml:1:1: old names (redis_url, timeout, max_retries, "
                                 "retry_delay); write storage: {url, timeout, max_retries, "
                                 "retry_delay}"});
  CHECK(testing::setting(config, "storage.timeout") == "\"5s\" rz.yaml:2");
}

TEST_CASE("flat keys stand beside the sections, and with units too") {
  const Config config = good("health: {timeout: 7s}\ntimeout: 250ms\nstorage: {deadline: 3s}\n");
  CHECK(config.storage.timeout == Millis{250});
  CHECK(config.storage.deadline == Millis{3'000});
  CHECK(config.health.timeout == Millis{7'000});
  CHECK(good("timeout: 2\nstorage:\n").storage.timeout == Millis{2'000});
}

TEST_CASE("a flat key does not fight with the new one") {
  CHECK(
      wrong("redis_url: redis://a\nstorage:\n  url: redis://b\n") ==
      "rz.yaml:1:1: 'redis_url' is the old name of storage.url, which line 3 gives too; keep one");
  CHECK(wrong("timeout: soon\n")
            .starts_with("rz.yaml:1:10: storage.timeout: 'soon' is not a duration"));
  CHECK(
      wrong("timeout: -1\n").starts_with("rz.yaml:1:10: storage.timeout: '-1s' is not a duration"));
  CHECK(wrong("storage: 5\ntimeout: 1\n") ==
        "rz.yaml:1:10: storage: expected a mapping (key: value), got 5");
}

}  // namespace rz::config
