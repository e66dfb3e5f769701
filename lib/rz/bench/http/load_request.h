#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "rz/base/result.h"
#include "rz/bench/http/load_options.h"

namespace rz::bench {

/// The server that is put under load.
struct LoadTarget {
  bool tls = false;
  std::string host;  ///< A name or an address, without brackets.
  std::uint16_t port = 0;
  std::string authority;  ///< As requests name it: `host`, or `host:port` if that is not usual.
  std::string path;       ///< And query; at least `/`.
};

/// Errors: invalid_argument (no http or https URL, a user or a password in it, a path with bytes
/// that must be percent-encoded). None quotes what may be a secret.
Result<LoadTarget> parse_load_target(std::string_view url);

/// A header as `Name: value`. Errors: invalid_argument (no such line, or one that rz sets itself).
Result<std::pair<std::string, std::string>> parse_header(std::string_view line);

/// All that is wrong with the method and the path of a request.
Result<void> check_endpoint(const LoadEndpoint& endpoint);

/// A request, made once and sent again and again.
struct LoadRequest {
  std::string name;
  bool is_head = false;
  std::string bytes;   ///< Of HTTP/1.1.
  LoadHeaders fields;  ///< Of HTTP/2, in lower case, the pseudo-headers first.
  std::string body;
};

/// The requests of `options`, one for each endpoint; `fallback_path` is that of the URL, for where
/// no endpoint is named. Errors: invalid_argument.
Result<std::vector<LoadRequest>> make_load_requests(const LoadOptions& options,
                                                    const LoadTarget& target);

/// In which order the requests follow each other: each as often as its weight says, and spread
/// evenly (the smooth weighted round robin of nginx). `weights` are at least 1.
std::vector<std::uint16_t> weighted_order(const std::vector<int>& weights);

}  // namespace rz::bench
