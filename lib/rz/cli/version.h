#pragma once

namespace rz {

/// The version of rz, `MAJOR.MINOR.PATCH`.
const char* version();

}  // namespace rz
