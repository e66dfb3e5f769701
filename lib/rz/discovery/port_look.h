#pragma once

#include <string>

#include "rz/base/clock.h"
#include "rz/discovery/listening_ports.h"

namespace rz::discovery {

enum class Service { unknown, http, redis, redis_with_password, postgres, mysql };

/// What answers at a port.
struct PortLook {
  Service service = Service::unknown;
  int http_status = 0;  ///< Of `GET /`, for http.
};

/// Looks at what answers, harmlessly: only a port whose number or process promises a protocol is
/// spoken to, and with no more than its greeting: PING of Redis, the question of PostgreSQL whether
/// it has TLS, GET / of HTTP. MySQL speaks first. All others are left alone. Takes `timeout` at
/// most.
PortLook look_at_port(const ListeningPort& port, Millis timeout);

}  // namespace rz::discovery
