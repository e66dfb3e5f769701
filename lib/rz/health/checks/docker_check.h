#pragma once

#include <memory>
#include <optional>
#include <string>

#include "rz/health/check_type.h"

namespace rz::health {

/// `type: docker`: a container and its health, as the Docker daemon tells it.
struct DockerCheckOptions : CheckOptions {
  static constexpr std::string_view kType = "docker";

  std::string container;                         ///< Name or id.
  std::string socket = "/var/run/docker.sock";   ///< Podman has one of the same kind.
  std::optional<std::int64_t> restarts_warning;  ///< So many restarts or more are degraded.
};

void visit_fields(FieldVisitor& fields, DockerCheckOptions& options);

/// Healthy if the container runs and its own health check, if it has one, says so; degraded while
/// that is starting, the container is paused, or after too many restarts; else unhealthy, also if
/// there is no such container. Unknown if the daemon does not answer: the container may run all the
/// same. Metadata: container, state, health, restarts, exit_code,
/// uptime_seconds.
std::shared_ptr<HealthCheck> make_docker_check(DockerCheckOptions options,
                                               HttpClientFactory http_client,
                                               Clock& clock = SystemClock::instance());
std::shared_ptr<HealthCheck> make_health_check(const DockerCheckOptions& options,
                                               const CheckDependencies& dependencies);

}  // namespace rz::health
