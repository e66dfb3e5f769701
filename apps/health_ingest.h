#pragma once

#include "rz/base/result.h"
#include "rz/cli/program.h"

namespace rz {

/// `rz health ingest`: the payload of a provider's webhook becomes reports of components, all of
/// them or none.
Result<int> ingest_webhook(cli::Context& context, const cli::Arguments& arguments);

}  // namespace rz
