#include "rz/fallback/scoped_storage.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "rz/base/text.h"

namespace rz::fallback {
namespace {

constexpr std::string_view kOurs = "fallback:";

bool is_scope_character(char c) {
  return is_alpha(c) || is_digit(c) || c == '_' || c == '.' || c == '-';
}

}  // namespace

Result<void> check_scope(std::string_view name) {
  const bool right = !name.empty() && name.size() <= kMaxScope &&
                     std::all_of(name.begin(), name.end(), is_scope_character);
  if (right) return {};
  return fail(ErrorCode::invalid_argument,
              "'" + ellipsize(printable(name), kMaxScope) +
                  "' is not the name of a scope; use letters, digits, '_', '.' and '-', at most " +
                  std::to_string(kMaxScope));
}

ScopedStorage::ScopedStorage(Storage& target, std::string_view scope)
    : StorageWrapper(target),
      prefix_(scope.empty() ? std::string(kOurs)
                            : std::string(kOurs).append("scope:").append(scope).append(":")),
      suffix_(scope.empty() ? std::string() : ", scope " + std::string(scope)) {}

std::string ScopedStorage::renamed(std::string_view name) const {
  if (!name.starts_with(kOurs)) return std::string(name);
  return prefix_ + std::string(name.substr(kOurs.size()));
}

std::string ScopedStorage::restored(std::string name) const {
  if (!name.starts_with(prefix_)) return name;
  return std::string(kOurs) + name.substr(prefix_.size());
}

ReadSet ScopedStorage::renamed(ReadSet what) const {
  for (auto* names : {&what.keys, &what.collections, &what.logs}) {
    for (std::string& name : *names) name = renamed(std::string_view(name));
  }
  return what;
}

Result<std::optional<std::string>> ScopedStorage::get(std::string_view key) {
  return target().get(renamed(key));
}

Result<std::vector<std::optional<std::string>>> ScopedStorage::get_many(
    std::span<const std::string> keys) {
  std::vector<std::string> names;
  for (const std::string& key : keys) names.push_back(renamed(std::string_view(key)));
  return target().get_many(names);
}

Result<void> ScopedStorage::set(std::string_view key, std::string_view value,
                                std::optional<Millis> expire) {
  return target().set(renamed(key), value, expire);
}

Result<bool> ScopedStorage::remove(std::string_view key) { return target().remove(renamed(key)); }

Result<bool> ScopedStorage::exists(std::string_view key) { return target().exists(renamed(key)); }

// The name of a scope has no character that a glob would take for more than itself.
Result<ScanPage> ScopedStorage::scan_keys(std::string_view glob, std::string_view cursor) {
  auto page = target().scan_keys(renamed(glob), cursor);
  if (!page) return page;
  for (std::string& key : page->keys) key = restored(std::move(key));
  return page;
}

Result<bool> ScopedStorage::expire(std::string_view key, Millis after) {
  return target().expire(renamed(key), after);
}

Result<std::int64_t> ScopedStorage::increment(std::string_view key, std::int64_t by,
                                              std::optional<Millis> expire) {
  return target().increment(renamed(key), by, expire);
}

Result<Commit> ScopedStorage::commit(const Batch& batch) {
  Batch there = batch;
  for (Batch::Expectation& each : there.expectations) {
    each.key = renamed(std::string_view(each.key));
  }
  for (Batch::Write& write : there.writes) {
    if (auto* set = std::get_if<Batch::Set>(&write)) {
      set->key = renamed(std::string_view(set->key));
      set->collection = renamed(std::string_view(set->collection));
    } else if (auto* remove = std::get_if<Batch::Remove>(&write)) {
      remove->key = renamed(std::string_view(remove->key));
    } else if (auto* append = std::get_if<Batch::Append>(&write)) {
      append->log = renamed(std::string_view(append->log));
    }
  }
  return target().commit(there);
}

Result<std::vector<LogRecord>> ScopedStorage::read_log(std::string_view log,
                                                       const LogRange& range) {
  return target().read_log(renamed(log), range);
}

Result<std::uint64_t> ScopedStorage::count_log(std::string_view log) {
  return target().count_log(renamed(log));
}

Result<std::vector<KeyValue>> ScopedStorage::read_collection(std::string_view collection) {
  auto members = target().read_collection(renamed(collection));
  if (!members) return members;
  for (KeyValue& member : *members) member.key = restored(std::move(member.key));
  return members;
}

}  // namespace rz::fallback
