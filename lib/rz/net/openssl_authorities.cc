#include "rz/net/openssl_authorities.h"

#include <openssl/err.h>
#include <sys/stat.h>

#include <map>
#include <mutex>
#include <utility>

namespace rz::net {
namespace {

/// Which content of a file was read.
struct FileState {
  ino_t inode = 0;
  off_t size = 0;
  time_t seconds = 0;
  long nanoseconds = 0;

  bool operator==(const FileState&) const = default;
};

struct KnownStore {
  FileState state;
  StorePtr store;
};

StorePtr read_store(const std::string& path, unsigned long flags) {
  StorePtr store(::X509_STORE_new());
  if (!store || ::X509_STORE_load_file(store.get(), path.c_str()) != 1) {
    ::ERR_clear_error();
    return nullptr;
  }
  ::X509_STORE_set_flags(store.get(), flags);
  return store;
}

}  // namespace

StorePtr authorities_in(const std::string& path, unsigned long flags) {
  struct stat found {};
  if (::stat(path.c_str(), &found) != 0 || !S_ISREG(found.st_mode)) return nullptr;
  const FileState state{found.st_ino, found.st_size, found.st_mtim.tv_sec, found.st_mtim.tv_nsec};
  // Never destroyed: threads that were left behind may come here while the process ends.
  static std::mutex& mutex = *new std::mutex;
  static auto& stores = *new std::map<std::pair<std::string, unsigned long>, KnownStore>;
  const std::lock_guard lock(mutex);
  KnownStore& known = stores[{path, flags}];
  if (!known.store || known.state != state) known = {state, read_store(path, flags)};
  // The caller's reference: another one may replace the store meanwhile.
  if (known.store) ::X509_STORE_up_ref(known.store.get());
  return StorePtr(known.store.get());
}

}  // namespace rz::net
