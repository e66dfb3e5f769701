#include "rz/config/map_reader.h"

#include <fmt/format.h>

#include <algorithm>

#include "rz/base/text.h"
#include "rz/config/schema.h"

namespace rz::config {

MapReader::MapReader(Reader& reader, const YamlNode* node, std::string path, Place place)
    : reader_(reader), node_(node), path_(std::move(path)), place_(place) {}

std::string MapReader::path_of(std::string_view key) const {
  return path_.empty() ? std::string(key) : path_ + "." + std::string(key);
}

const YamlNode* MapReader::peek(std::string_view key) const {
  if (node_ == nullptr) return nullptr;
  const auto found = std::find_if(node_->members.begin(), node_->members.end(),
                                  [&](const YamlMember& member) { return member.key == key; });
  return found == node_->members.end() ? nullptr : &found->value;
}

const YamlNode* MapReader::claim(const Field& field) {
  known_.push_back(field.key);
  const YamlNode* node = peek(field.key);
  if (node_ && !node && !field.needed_by.empty()) {
    reader_.error(place_, fmt::format("{}: {} needs '{}'", path_, field.needed_by, field.key));
  }
  return node;
}

const YamlNode* MapReader::find(const Field& field) {
  const YamlNode* node = claim(field);
  if (node == nullptr || node->invalid) return nullptr;
  if (!node->is_null()) return node;
  reader_.error(node->place, path_of(field.key) + ": has no value; give one or remove the key");
  return nullptr;
}

// Null is what is left of a section when all its keys are commented out.
const YamlNode* MapReader::find_mapping(const Field& field) {
  const YamlNode* node = claim(field);
  return node ? as_mapping(*node, path_of(field.key), true) : nullptr;
}

const YamlNode* MapReader::as_mapping(const YamlNode& node, const std::string& path,
                                      bool may_be_null) {
  if (node.kind == YamlNode::Kind::mapping) return &node;
  if (!node.invalid && (!node.is_null() || !may_be_null)) {
    reader_.error(node.place, path + ": expected a mapping (key: value), got " + describe(node));
  }
  return nullptr;
}

const YamlNode* MapReader::find_list(const Field& field) {
  const YamlNode* node = claim(field);
  if (node == nullptr || node->is_null() || node->invalid) return nullptr;
  if (node->kind == YamlNode::Kind::sequence) return node;
  reader_.error(node->place,
                path_of(field.key) + ": expected a list ([…]), got " + describe(*node));
  return nullptr;
}

std::optional<std::size_t> MapReader::kind(const Field& field, std::span<const Kind> kinds) {
  std::vector<std::string> names;
  names.reserve(kinds.size());
  for (const Kind& kind : kinds) names.emplace_back(kind.name);
  const auto found = word(field, names, names.size());
  // Without a kind the meaning of the other keys is unknown, so finish() must not report them.
  if (!found) skipped_ = true;
  return found;
}

bool MapReader::section(const Field& field, const Visit& visit) {
  const YamlNode* node = find_mapping(field);
  // A missing section is visited too, so that the defaults of its keys are recorded.
  MapReader inner(reader_, node, path_of(field.key), node ? node->place : place_);
  visit(inner);
  inner.finish();
  return node != nullptr;
}

bool MapReader::optional_section(const Field& field, const Visit& visit) {
  const YamlNode* node = find_mapping(field);
  if (node == nullptr) {
    reader_.record(path_of(field.key), nullptr, nullptr);
    return false;
  }
  MapReader inner(reader_, node, path_of(field.key), node->place);
  visit(inner);
  inner.finish();
  return true;
}

void MapReader::list(const Field& field, const Visit& visit) {
  const std::string path = path_of(field.key);
  const YamlNode* node = find_list(field);
  if (node == nullptr || node->items.empty()) return reader_.record(path, Value::array(), node);
  for (std::size_t i = 0; i < node->items.size(); ++i) {
    const YamlNode& item = node->items[i];
    MapReader inner(reader_, as_mapping(item, path, false), fmt::format("{}[{}]", path, i),
                    item.place);
    visit(inner);
    inner.finish();
  }
}

void MapReader::either(std::string_view one, std::string_view other, std::string_view message) {
  if (has(one) == has(other)) reader_.error(place_, path_ + ": " + std::string(message));
}

Place MapReader::place_of(std::string_view key) const {
  const YamlNode* node = peek(key);
  return node ? node->place : place_;
}

std::vector<Place> MapReader::places_in(std::string_view key) const {
  std::vector<Place> places;
  if (const YamlNode* node = peek(key)) {
    for (const YamlNode& item : node->items) places.push_back(item.place);
  }
  return places;
}

std::string MapReader::resolved(const std::string& path) const {
  return resolve_path(path, reader_.folder());
}

void MapReader::error(std::string_view key, std::string message) {
  const YamlNode* node = peek(key);
  reader_.error(node ? node->place : place_,
                (node ? path_of(key) : path_) + ": " + std::move(message));
}

void MapReader::error_at(Place place, std::string message) {
  reader_.error(place, std::move(message));
}

void MapReader::value_error(std::string_view key, std::string message, std::string_view is_wrong) {
  const YamlNode* node = peek(key);
  const auto filled_in = [](const YamlNode& each) { return needs_expansion(each.text); };
  // Of a list the message may quote any item.
  const bool secret =
      node && (filled_in(*node) || std::any_of(node->items.begin(), node->items.end(), filled_in));
  error(key, secret ? "the text that was filled in " + std::string(is_wrong) : std::move(message));
}

void MapReader::warn(std::string_view key, const std::string& message) {
  const YamlNode* node = peek(key);
  reader_.warn(node ? node->place : place_, (node ? path_of(key) : path_) + ": " + message);
}

void MapReader::finish() {
  if (node_ == nullptr || skipped_) return;
  std::vector<std::string> known(known_.begin(), known_.end());
  std::sort(known.begin(), known.end());
  // A file with thousands of unknown keys is not a configuration, and each suggestion takes time.
  constexpr std::size_t kAdvicesMax = 100;
  std::size_t unknown = 0;
  for (const YamlMember& member : node_->members) {
    if (std::find(known_.begin(), known_.end(), member.key) != known_.end()) continue;
    const bool advise = unknown++ < kAdvicesMax;
    // A key of an entry of a list does not belong to a section elsewhere, so none is suggested.
    const bool in_list = path_.find('[') != std::string::npos;
    const std::string owner = in_list || !advise ? "" : sections_with(member.key);
    reader_.error(member.place, "unknown key '" + ellipsize(printable(member.key), 60) + "'" +
                                    (path_.empty() ? "" : " in " + path_) +
                                    (!owner.empty() ? "; it belongs " + owner
                                     : advise       ? suggestion(member.key, known)
                                                    : ""));
  }
}

}  // namespace rz::config
