#pragma once

namespace rz::cli {

/// The version of rz, `MAJOR.MINOR.PATCH`.
const char* version();

}  // namespace rz::cli
