#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "rz/base/clock.h"
#include "rz/base/field_visitor.h"

namespace rz::health {

/// Who is told messages and measurements of checks. Who is healthy is told to everybody.
enum class Details { always, token };

/// How `rz health serve` answers. It stands here, below config/, since the configuration has it.
struct ServeOptions {
  std::vector<std::string> listen{
      "127.0.0.1:8627"};    ///< As net::parse_listen_address() reads them.
  Millis refresh{10'000};   ///< From the begin of a run to the next one's.
  Millis max_age{90'000};   ///< Older results are not a yes.
  int degraded_http = 200;  ///< Or 503: what degraded answers.
  Details details = Details::always;
  std::string token;    ///< Of `Authorization: Bearer`; empty: there is none. A secret.
  Millis drain{1'000};  ///< How long it says that it is not ready before it stops.
  int max_connections = 256;
  int max_connections_per_client = 64;  ///< Of one address; does not count for unix sockets.
  std::uint64_t max_header_size = 8 * 1024;
  std::uint64_t max_body_size = 1024 * 1024;
  Millis request_timeout{10'000};  ///< For a request to arrive, and for its answer to be read.
  Millis idle_timeout{30'000};     ///< Between two requests of a connection.
};

/// The keys of `serve`.
void visit_fields(FieldVisitor& fields, ServeOptions& options);

}  // namespace rz::health
