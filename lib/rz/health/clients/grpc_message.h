#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace rz::health {

/// The states of grpc.health.v1.HealthCheckResponse.ServingStatus.
enum class GrpcServing { unknown = 0, serving = 1, not_serving = 2, service_unknown = 3 };

/// The statuses of gRPC that a health check tells apart; see name_of_grpc_status for all.
enum class GrpcStatus {
  ok = 0,
  invalid_argument = 3,
  not_found = 5,
  unimplemented = 12,
};

/// A HealthCheckRequest for `service`, in the frame in which gRPC sends a message.
std::string grpc_health_request(std::string_view service);

/// The status of the HealthCheckResponse in `body`, a frame of gRPC; nothing if it is not one. A
/// number that this rz does not know is `unknown`.
std::optional<GrpcServing> read_grpc_health(std::string_view body);

/// `UNAVAILABLE` for 14; `status 42` for one that gRPC does not have.
std::string name_of_grpc_status(std::int64_t status);

/// `SERVING`
const char* to_string(GrpcServing serving);

}  // namespace rz::health
