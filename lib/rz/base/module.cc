#include "rz/base/module.h"

#include <dlfcn.h>
#include <unistd.h>

#include <map>
#include <mutex>
#include <string>

namespace rz {
namespace {

// The folder of the file that this code was loaded from: librz.so, or a program that links it in.
std::string own_folder() {
  Dl_info info{};
  if (::dladdr(reinterpret_cast<const void*>(&module_symbol), &info) == 0 || !info.dli_fname) {
    return ".";
  }
  const std::string path = info.dli_fname;
  const std::size_t slash = path.rfind('/');
  return slash == std::string::npos ? "." : path.substr(0, slash);
}

Result<void*> load(const std::string& name) {
  const std::string file = "/rz/librz-" + name + ".so";
  const std::string folder = own_folder();
  std::string path = folder + file;
  if (::access(path.c_str(), F_OK) != 0) path = folder + "/../" RZ_LIBDIR + file;
  // Left loaded for good: what it registered (thread-local state, exit handlers) may be used until
  // the end of the process.
  if (void* handle = ::dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE)) return handle;
  const char* why = ::dlerror();
  return fail(ErrorCode::unavailable,
              std::string("cannot load the module: ") + (why ? why : "no reason given") +
                  "; is rz installed whole?",
              folder + file);
}

}  // namespace

Result<void*> module_symbol(std::string_view name, const char* symbol) {
  // Never destroyed: a thread that a stuck check holds may come here while the process ends.
  static std::mutex& mutex = *new std::mutex;
  static auto& loaded = *new std::map<std::string, void*, std::less<>>;
  std::lock_guard lock(mutex);
  auto entry = loaded.find(name);
  if (entry == loaded.end()) {
    auto handle = load(std::string(name));
    if (!handle) return fail(std::move(handle).error());
    entry = loaded.emplace(std::string(name), *handle).first;
  }
  if (void* address = ::dlsym(entry->second, symbol)) return address;
  return fail(ErrorCode::unavailable,
              std::string("no symbol ") + symbol + "; the module is of another version of rz",
              "librz-" + std::string(name) + ".so");
}

}  // namespace rz
