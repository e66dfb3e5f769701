#pragma once

#include <microhttpd.h>

#include <memory>

#include "rz/server/request.h"

namespace rz::server {

struct ResponseDeleter {
  void operator()(MHD_Response* response) const { ::MHD_destroy_response(response); }
};
/// Once it is queued, libmicrohttpd keeps it until it was sent.
using ResponsePtr = std::unique_ptr<MHD_Response, ResponseDeleter>;

/// `answer` with the headers that every answer has, without a copy of its body. `last`: the
/// connection is closed behind it. Null: there is no memory.
ResponsePtr make_response(const Answer& answer, bool last);

}  // namespace rz::server
