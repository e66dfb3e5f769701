#include "rz/runtime/opened_store.h"

#include <filesystem>
#include <system_error>
#include <utility>

#include "rz/storage/memory_storage.h"
#include "rz/storage/open_storage.h"
#include "rz/storage/reopening_storage.h"
#include "rz/storage/storage_url.h"
#include "rz/storage/unreachable_storage.h"

namespace rz::runtime {
namespace {

// What the caller said wrongly stays wrong. Anything else, such as a password that a server does
// not know yet, may be put right while a program lives that tries again.
bool goes_on_without_store(const StoreOpening& opening, const Error& error) {
  return is_outage(error) || (opening.reopens && error.code != ErrorCode::invalid_argument &&
                              error.code != ErrorCode::config);
}

// Whether the store is a file that does not exist, and that this command is not to create.
bool stays_absent(const StoreOpening& opening) {
  if (opening.absent == AbsentStore::create) return false;
  const std::string file = file_of_store(opening.options);
  if (file.empty()) return false;
  std::error_code error;
  if (std::filesystem::exists(file, error) || error) return false;
  // What this host knows of the store was lost with it, and will be put back.
  return opening.absent == AbsentStore::never_create || !opening.is_known();
}

std::unique_ptr<Storage> empty_store(const StoreOpening& opening, Notices& notices, Clock& clock) {
  const std::string& url = opening.options.url;
  const std::string file = url.empty() ? "the store" : storage::redact_url(url);
  if (opening.absent == AbsentStore::never_create) {
    notices.warn(file + " does not exist yet, and would be created");
  } else {
    const std::string message = file + " does not exist yet, and is read as an empty one";
    // A name that was just typed may be misspelt.
    opening.source.empty() ? notices.note(message) : notices.warn(message);
  }
  return std::make_unique<storage::MemoryStorage>(clock);
}

}  // namespace

Result<OpenedStore> open_store(const StoreOpening& opening, Notices& notices, Clock& clock) {
  if (stays_absent(opening)) return OpenedStore{empty_store(opening, notices, clock)};
  const StorageOptions& options = opening.options;
  auto opened = open_storage(options, clock);
  if (opened) return OpenedStore{std::move(*opened)};
  Error& error = opened.error();
  // An error about the URL itself has no place yet if the URL came from a flag or the environment.
  if (error.where.empty()) error.where = opening.source;
  if (!goes_on_without_store(opening, error)) return fail(std::move(error));
  const std::string name = storage::redact_url(options.url);
  if (opening.reopens) {
    return OpenedStore{std::make_unique<storage::ReopeningStorage>(
        [options, &clock] { return open_storage(options, clock); }, error, name, clock)};
  }
  return OpenedStore{std::make_unique<storage::UnreachableStorage>(error, name), error};
}

std::string file_of_store(const StorageOptions& options) {
  const std::string text =
      options.url.empty() ? storage::default_storage_url().value_or(std::string()) : options.url;
  const auto url = storage::parse_storage_url(text);
  if (!url || url->kind != storage::StorageUrl::Kind::sqlite) return {};
  return url->path;
}

}  // namespace rz::runtime
