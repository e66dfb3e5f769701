#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "rz/base/clock.h"
#include "rz/base/field_visitor.h"
#include "rz/bench/http/schedule.h"
#include "rz/net/tls_options.h"

namespace rz::bench {

/// Names and values, in the order in which they are sent.
using LoadHeaders = std::vector<std::pair<std::string, std::string>>;

/// One sort of request.
struct LoadEndpoint {
  std::string name{};  ///< In reports; empty: method and path.
  std::string method = "GET";
  std::string path = "/";  ///< And query.
  LoadHeaders headers{};
  std::string body{};
  int weight = 1;  ///< Of all weights, this part of the requests.
};

inline constexpr Range<Millis> kLoadDurations{Millis{100}, std::chrono::hours{24}};
inline constexpr Range<Millis> kLoadTimeouts{Millis{1}, std::chrono::minutes{10}};
inline constexpr Range<std::int64_t> kLoadRequests{1, 1'000'000'000'000};
inline constexpr Range<double> kLoadRates{1, 1e6};
inline constexpr Range<int> kLoadConnections{1, 10'000};
inline constexpr Range<int> kLoadStreams{1, 1'000};

/// The load that `rz bench http` makes.
struct LoadOptions {
  std::string url{};                      ///< http or https. Has no path where there are endpoints.
  std::vector<LoadEndpoint> endpoints{};  ///< Empty: GET of the URL.
  LoadHeaders headers{};                  ///< Sent with every request.
  int connections = 10;
  int streams = 1;                         ///< Requests at the same time on one of HTTP/2.
  Millis duration{10'000};                 ///< In which requests are sent, after the warm-up.
  std::optional<std::int64_t> requests{};  ///< After so many the run ends earlier.
  Millis warm_up{0};                       ///< What is sent in it is not measured.
  Millis timeout{5'000};                   ///< From sending a request to the end of its answer.
  std::optional<double> rate{};            ///< Requests a second: an open loop. Empty: closed.
  std::optional<double> end_rate{};        ///< A ramp from `rate` up or down to this.
  Arrivals arrivals = Arrivals::constant;
  std::optional<std::int64_t> queue{};  ///< How many requests may wait for a connection; empty: as
                                        ///< many as are in flight at most.
  bool keep_alive = true;
  bool http2 = false;
  TlsOptions tls{};
  std::vector<std::string> thresholds{};  ///< As parse_threshold() reads them.
};

/// The keys of `bench.http`.
void visit_fields(FieldVisitor& fields, LoadOptions& options);

}  // namespace rz::bench
