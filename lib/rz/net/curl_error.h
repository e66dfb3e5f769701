#pragma once

#include <curl/curl.h>

#include "rz/base/result.h"
#include "rz/net/deadline.h"
#include "rz/net/http_client.h"
#include "rz/net/http_module.h"

namespace rz::net {

/// What a transfer that ended with `code` says to a person, and whose fault it was. `detail` is
/// libcurl's own text, and `end` is how long a name may be looked up for that.
Error translate_curl_error(CURL* easy, CURLcode code, const HttpRequest& request,
                           const char* detail, const HttpSurroundings& surroundings, Deadline end);

/// The error for a name service that has not answered `request` in time.
Error name_service_silent(const HttpRequest& request);

}  // namespace rz::net
