#include "rz/config/mask_url.h"

#include <doctest/doctest.h>

namespace rz::config {

TEST_CASE("passwords and queries are masked, references and all else are not") {
  const std::pair<const char*, const char*> rows[] = {
      {"", ""},
      {"memory:", "memory:"},
      {"sqlite:/var/lib/a@b:c.db", "sqlite:/var/lib/a@b:c.db"},
      {"redis://host:6379/0", "redis://host:6379/0"},
      {"redis://user@host", "redis://user@host"},
      {"redis://:pw@host/0", "redis://:***@host/0"},
      {"redis://user:pw@host/0", "redis://user:***@host/0"},
      {"redis://user:p@w/x:y@host/0", "redis://user:***@host/0"},
      {"redis://user:@host", "redis://user:@host"},
      {"redis://:${PW}@host", "redis://:${PW}@host"},
      {"redis://:a${PW}@host", "redis://:***@host"},
      {"redis://:${A}b${C}@host", "redis://:***@host"},
      {"redis+sentinel://:pw@a:1,b:2/master", "redis+sentinel://:***@a:1,b:2/master"},
      {"user:pw@host", "user:***@host"},
      {"${REDIS_URL}", "${REDIS_URL}"},
      {"https://u:pw@api/health", "https://u:***@api/health"},
      {"HTTPS://u:pw@api", "HTTPS://u:***@api"},
      {"https://api:8080/@me", "https://api:8080/@me"},
      {"https://api/health?token=t", "https://api/health?***"},
      {"https://api/health?${QUERY}", "https://api/health?${QUERY}"},
      {"https://u:pw@api?token=t", "https://u:***@api?***"},
  };
  for (const auto& each : rows) {
    const auto& text = each.first;
    const auto& masked = each.second;
    INFO(text);
    CHECK(mask_url(text) == masked);
  }
}

}  // namespace rz::config
