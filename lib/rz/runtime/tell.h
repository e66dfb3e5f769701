#pragma once

#include "rz/base/notices.h"
#include "rz/fallback/store_status.h"

namespace rz::runtime {

/// Tells what a person should know of how the store behaved: doubts and warnings as warnings, notes
/// as notes. The outage itself is left to the caller, who knows what was asked for.
void tell(const StoreStatus& status, Notices& notices);

}  // namespace rz::runtime
