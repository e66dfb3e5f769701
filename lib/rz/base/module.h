#pragma once

#include <string>
#include <string_view>

#include "rz/base/result.h"

namespace rz {

/// A late-loaded module, `librz-NAME.so`, which exports one C function.
///
/// libcurl, OpenSSL, SQLite, prometheus-cpp and yaml-cpp would double the start-up time of
/// `rz cond eval` and more, which needs none of them, nor zlib and Zstandard. So each is wrapped in
/// a module that is loaded when first used and stays loaded. Its function is declared in
/// `NAME_module.h`, which the module and its users include, so that the compiler holds both to one
/// type.
template <class Function>
struct Module {
  const char* name;
  const char* function;
  const char* packages;  ///< Debian's, to be named where a library behind it is missing.
};

/// The address of `function` in the module. Call load_module instead, which knows its type.
Result<void*> find_module_function(const char* name, const char* function, const char* packages);

/// The module's function. Modules are looked for only beside the file that holds this code (`rz/`
/// beside librz.so; `../../lib/rz/` from the programs' folder), never on a search path or by the
/// environment. Thread-safe.
/// Errors: unavailable (the module or a library behind it is missing or damaged, or the module
/// belongs to another build of rz), with the path and what to install.
template <class Function>
Result<Function*> load_module(const Module<Function>& module) {
  auto address = find_module_function(module.name, module.function, module.packages);
  if (!address) return fail(std::move(address).error());
  return reinterpret_cast<Function*>(*address);
}

/// Why the module at `path` cannot be loaded and what to install, from what dlerror() says of it.
std::string explain_load_failure(std::string_view loader, std::string_view path,
                                 std::string_view packages);

}  // namespace rz
