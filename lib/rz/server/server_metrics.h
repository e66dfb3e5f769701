#pragma once

#include <string>

#include "rz/server/router.h"

namespace rz::server {

/// What the server measures of itself, behind the metrics of the checks, with the end of the
/// document where the format has one.
std::string server_metrics(const View& view, bool openmetrics);

}  // namespace rz::server
