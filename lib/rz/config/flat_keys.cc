#include "rz/config/flat_keys.h"

#include <algorithm>

#include "rz/base/text.h"

namespace rz::config {
namespace {

constexpr FlatKey kFlatKeys[] = {{"redis_url", "url", false},
                                 {"timeout", "timeout", true},
                                 {"max_retries", "max_retries", false},
                                 {"retry_delay", "retry_delay", true}};

const FlatKey* flat_key(const YamlMember& member) {
  const auto found = std::find_if(std::begin(kFlatKeys), std::end(kFlatKeys),
                                  [&](const FlatKey& key) { return key.old_name == member.key; });
  return found == std::end(kFlatKeys) ? nullptr : found;
}

void as_seconds(YamlNode& node) {
  if (!node.value.is_number()) return;
  node.text += "s";
  node.value = node.text;
}

YamlMember* find_member(YamlNode& mapping, std::string_view key) {
  const auto found = std::find_if(mapping.members.begin(), mapping.members.end(),
                                  [&](const YamlMember& member) { return member.key == key; });
  return found == mapping.members.end() ? nullptr : &*found;
}

/// The mapping at `storage`, made if it is not there; null if something else is.
YamlNode* storage_of(YamlNode& root, Place place) {
  YamlMember* storage = find_member(root, "storage");
  if (storage == nullptr) {
    root.members.push_back({"storage", place, {}});
    storage = &root.members.back();
    storage->value.place = place;
  }
  if (storage->value.is_null()) storage->value.kind = YamlNode::Kind::mapping;
  return storage->value.kind == YamlNode::Kind::mapping ? &storage->value : nullptr;
}

}  // namespace

std::span<const FlatKey> flat_keys() { return kFlatKeys; }

void adopt_flat_keys(YamlNode& root, Reader& reader) {
  std::vector<YamlMember> flat;
  const auto first_flat =
      std::stable_partition(root.members.begin(), root.members.end(),
                            [](const YamlMember& member) { return flat_key(member) == nullptr; });
  std::move(first_flat, root.members.end(), std::back_inserter(flat));
  root.members.erase(first_flat, root.members.end());
  if (flat.empty()) return;

  std::vector<std::string> names;
  YamlNode* storage = storage_of(root, flat.front().place);
  for (YamlMember& member : flat) {
    const FlatKey& key = *flat_key(member);
    names.push_back(member.key);
    if (storage == nullptr) continue;
    if (const YamlMember* twin = find_member(*storage, key.name)) {
      reader.error(member.place, "'" + member.key + "' is the old name of storage." +
                                     std::string(key.name) + ", which line " +
                                     std::to_string(twin->place.line) + " gives too; keep one");
      continue;
    }
    if (key.seconds) as_seconds(member.value);
    storage->members.push_back({std::string(key.name), member.place, std::move(member.value)});
  }
  reader.warn(flat.front().place, "old names (" + join(names, ", ") +
                                      "); write storage: {url, timeout, max_retries, retry_delay}");
}

}  // namespace rz::config
