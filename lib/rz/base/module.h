#pragma once

#include <string_view>

#include "rz/base/result.h"

namespace rz {

/// Address of the C symbol `symbol` in the late-loaded module `librz-NAME.so`.
///
/// libcurl, OpenSSL, SQLite, prometheus-cpp and yaml-cpp would double the start-up time of
/// `rz cond eval` and more, which needs none of them, nor zlib and Zstandard; they are wrapped in
/// modules that are loaded when first used and stay loaded. Modules are looked for only beside the
/// file that holds this function (`rz/` beside librz.so; `../lib/rz/` from a program's folder),
/// never on a search path or by the environment. Thread-safe. Errors: unavailable (not installed,
/// or damaged), with the path.
Result<void*> module_symbol(std::string_view name, const char* symbol);

}  // namespace rz
