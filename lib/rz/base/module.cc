#include "rz/base/module.h"

#include <dlfcn.h>
#include <limits.h>
#include <link.h>
#include <sys/auxv.h>
#include <unistd.h>

#include <array>
#include <map>
#include <mutex>
#include <string>

namespace rz {
namespace {

constexpr const char* kOtherBuild =
    "the module belongs to another build of rz; install all of rz again";

// The path of this program. What it was called, argv[0], is up to the caller and may name no
// folder.
std::string program_path() {
  std::array<char, PATH_MAX> path{};
  const ssize_t size = ::readlink("/proc/self/exe", path.data(), path.size());
  if (size > 0) return {path.data(), static_cast<std::size_t>(size)};
  const auto* executed = reinterpret_cast<const char*>(::getauxval(AT_EXECFN));
  return executed ? executed : "";
}

// The folder of the file that this code was loaded from: librz.so, or a program that links it in.
std::string own_folder() {
  Dl_info info{};
  void* extra = nullptr;
  std::string path;
  if (::dladdr1(reinterpret_cast<const void*>(&find_module_function), &info, &extra,
                RTLD_DL_LINKMAP) != 0 &&
      extra) {
    path = static_cast<const link_map*>(extra)->l_name;  // Empty for the program itself.
  }
  if (path.empty()) path = program_path();
  const auto slash = path.rfind('/');
  return slash == std::string::npos ? "." : path.substr(0, slash);
}

std::string path_of(std::string_view name) {
  const std::string file = "/rz/librz-" + std::string(name) + ".so";
  const std::string folder = own_folder();
  // Beside librz.so, else as seen from libexec/rz/, else from the folder of a test.
  for (const char* way : {"", "/../../" RZ_LIBDIR}) {
    std::string path = folder + way + file;
    if (::access(path.c_str(), F_OK) == 0) return path;
  }
  return folder + "/../" RZ_LIBDIR + file;
}

struct LoadedModule {
  std::string path;
  void* handle = nullptr;
};

Result<LoadedModule> load(std::string_view name, std::string_view packages) {
  std::string path = path_of(name);
  // Left loaded for good: what it registered (thread-local state, exit handlers) may be used until
  // the end of the process.
  void* handle = ::dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
  if (!handle) {
    const char* why = ::dlerror();
    return fail(ErrorCode::unavailable,
                explain_load_failure(why ? why : "no reason given", path, packages), path);
  }
  const auto* stamp = static_cast<const char*>(::dlsym(handle, "rz_module_stamp"));
  if (!stamp || std::string_view(stamp) != RZ_MODULE_STAMP) {
    return fail(ErrorCode::unavailable, kOtherBuild, path);
  }
  return LoadedModule{std::move(path), handle};
}

}  // namespace

std::string explain_load_failure(std::string_view loader, std::string_view path,
                                 std::string_view packages) {
  // The loader's text begins with the file that is at fault: the module, or a library behind it.
  const std::string module_at_fault = std::string(path) + ": ";
  const bool own = loader.starts_with(module_at_fault);
  if (own) loader.remove_prefix(module_at_fault.size());
  return "cannot load the module: " + std::string(loader) +
         (own ? "; install all of rz again"
              : "; install what it needs (on Debian: " + std::string(packages) + ")");
}

Result<void*> find_module_function(const char* name, const char* function, const char* packages) {
  // Never destroyed: a thread that a stuck check holds may come here while the process ends.
  static std::mutex& mutex = *new std::mutex;
  static auto& loaded = *new std::map<std::string, LoadedModule, std::less<>>;
  std::lock_guard lock(mutex);
  auto entry = loaded.find(std::string_view(name));
  if (entry == loaded.end()) {
    auto module = load(name, packages);
    if (!module) return fail(std::move(module).error());
    entry = loaded.emplace(name, *std::move(module)).first;
  }
  const auto& [path, handle] = entry->second;
  if (void* address = ::dlsym(handle, function)) return address;
  return fail(ErrorCode::unavailable, kOtherBuild, path);
}

}  // namespace rz
