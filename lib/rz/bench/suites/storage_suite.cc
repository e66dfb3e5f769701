#include "rz/bench/suites/storage_suite.h"

#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <system_error>
#include <utility>

#include "rz/base/file.h"
#include "rz/storage/open_storage.h"

namespace rz::bench {
namespace {

constexpr Millis kLifetime = std::chrono::minutes(10);
const std::string kValue(100, 'v');

/// A store with the key that is measured in it.
class Bed {
 public:
  Bed(std::unique_ptr<Storage> storage, const std::string& name)
      : storage_(std::move(storage)), key_("rz:bench:" + std::to_string(::getpid()) + ":" + name) {}
  Bed(const Bed&) = delete;
  Bed& operator=(const Bed&) = delete;
  // A store that has gone meanwhile lets the key expire by itself.
  ~Bed() { (void)storage_->remove(key_).has_value(); }

  Result<void> set() { return storage_->set(key_, kValue, kLifetime); }

  Result<void> get() {
    const auto value = storage_->get(key_);
    if (!value) return fail(value.error());
    if (!*value) return fail(ErrorCode::conflict, "the key was removed during the run", key_);
    do_not_optimize(*value);
    return {};
  }

 private:
  std::unique_ptr<Storage> storage_;
  std::string key_;
};

/// A folder that goes with everything in it.
class ScratchFolder {
 public:
  explicit ScratchFolder(std::string path) : path_(std::move(path)) {}
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;
  ~ScratchFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }

  static Result<std::shared_ptr<ScratchFolder>> make() {
    std::error_code error;
    const auto parent = std::filesystem::temp_directory_path(error);
    if (error) return fail(ErrorCode::unavailable, error.message(), "TMPDIR");
    std::string path = parent / "rz-bench-XXXXXX";
    if (::mkdtemp(path.data()) == nullptr) {
      return fail(ErrorCode::unavailable,
                  "cannot make a folder: " + errno_text(errno) + "; set TMPDIR to another place",
                  parent);
    }
    return std::make_shared<ScratchFolder>(path);
  }

  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

using Open = std::function<Result<std::shared_ptr<Bed>>(const std::string& name)>;

// The first write makes the key for `get`, and finds out now whether the store can be reached.
Result<Operation> set_up(const Open& open, const std::string& name, Result<void> (Bed::*call)()) {
  auto bed = open(name);
  if (!bed) return fail(std::move(bed).error());
  if (auto written = (*bed)->set(); !written) return fail(std::move(written).error());
  return Operation([bed = std::move(*bed), call](std::uint64_t iterations) -> Result<void> {
    for (std::uint64_t i = 0; i < iterations; ++i) {
      if (auto done = (*bed.*call)(); !done) return done;
    }
    return {};
  });
}

std::vector<Benchmark> make_suite(const std::string& engine, const Open& open) {
  return {
      {"storage/" + engine + "/get", [open] { return set_up(open, "get", &Bed::get); }},
      {"storage/" + engine + "/set", [open] { return set_up(open, "set", &Bed::set); }},
  };
}

}  // namespace

std::vector<Benchmark> storage_suite(const std::string& engine, const StorageOptions& options) {
  return make_suite(engine, [options](const std::string& name) -> Result<std::shared_ptr<Bed>> {
    auto storage = open_storage(options);
    if (!storage) return fail(std::move(storage).error());
    return std::make_shared<Bed>(std::move(*storage), name);
  });
}

std::vector<Benchmark> temporary_sqlite_suite() {
  return make_suite("sqlite", [](const std::string& name) -> Result<std::shared_ptr<Bed>> {
    auto folder = ScratchFolder::make();
    if (!folder) return fail(std::move(folder).error());
    StorageOptions options;
    options.url = "sqlite:" + (*folder)->path() + "/bench.db";
    auto storage = open_storage(options);
    if (!storage) return fail(std::move(storage).error());
    // The store is closed before its folder goes.
    auto bed = std::make_unique<Bed>(std::move(*storage), name);
    return std::shared_ptr<Bed>(bed.release(), [folder = *folder](Bed* used) { delete used; });
  });
}

}  // namespace rz::bench
