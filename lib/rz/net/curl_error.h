#pragma once

#include <curl/curl.h>

#include "rz/base/clock.h"
#include "rz/base/result.h"
#include "rz/net/http_client.h"
#include "rz/net/http_module.h"
#include "rz/net/openssl_error.h"

namespace rz::net {

/// A transfer that failed.
struct CurlFailure {
  CURL* easy;
  CURLcode code;
  const char* detail;  ///< libcurl's own text; may be empty.
  const CertificateProblem& problem;
};

/// What `failure` says to a person, and whose fault it was. A name may be looked up for that until
/// `end`.
Error translate_curl_error(const CurlFailure& failure, const HttpRequest& request,
                           const HttpSurroundings& surroundings, Deadline end);

/// The error for a name service that has not answered `request` in time.
Error name_service_silent(const HttpRequest& request);

}  // namespace rz::net
