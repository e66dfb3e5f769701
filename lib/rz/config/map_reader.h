#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "rz/base/clock.h"
#include "rz/cond/lint.h"
#include "rz/config/expansion.h"
#include "rz/config/reader.h"

namespace rz {

/// The bounds of a number or duration, both allowed.
template <class T>
struct Range {
  T min, max;
};

/// The least and the longest that a timeout may be.
inline constexpr Range<Millis> kTimeoutRange = {Millis{1}, std::chrono::hours{24}};

/// A word of the file and what it stands for.
template <class T>
struct Choice {
  const char* name;
  T value;
};

/// Reads the keys of one mapping. Each of the methods that take a key and an option reads that key
/// if it is there and right, says what is wrong if it is wrong, leaves the default if it is absent,
/// and records the value that then holds. They return whether a value was read.
/// A key that no method asked for is unknown.
class MapReader {
 public:
  /// `node` may be null: nothing is given. `path` is that of the mapping, empty for the whole file.
  MapReader(Reader& reader, const YamlNode* node, std::string path, Place place);
  MapReader(const MapReader&) = delete;
  MapReader& operator=(const MapReader&) = delete;

  bool text(std::string_view key, std::string& option);
  /// A text in which a password may stand: it is shown without. Never empty.
  bool url(std::string_view key, std::string& option);
  /// A file; one that is relative is seen from the folder of the configuration.
  bool path(std::string_view key, std::string& option);
  bool boolean(std::string_view key, bool& option);
  bool integer(std::string_view key, int& option, Range<int> range);
  bool integer(std::string_view key, std::int64_t& option, Range<std::int64_t> range);
  bool integer(std::string_view key, std::optional<std::int64_t>& option,
               Range<std::int64_t> range);
  /// An integer, or the word `none`, which stands for an option without a value.
  bool limit(std::string_view key, std::string_view none, std::optional<std::int64_t>& option,
             Range<std::int64_t> range);
  bool duration(std::string_view key, Millis& option, Range<Millis> range);
  bool duration(std::string_view key, std::optional<Millis>& option, Range<Millis> range);
  bool percent(std::string_view key, double& option);
  bool texts(std::string_view key, std::vector<std::string>& option);
  /// A program and its arguments; numbers stand for their texts.
  bool command(std::string_view key, std::vector<std::string>& option);
  /// A condition; nothing is filled into it.
  std::optional<Condition> condition(std::string_view key, const ConditionOptions& options,
                                     const cond::KnownWords& words = {});

  template <class T>
  bool choice(std::string_view key, T& option, std::span<const Choice<T>> choices) {
    std::vector<std::string> names;
    for (const Choice<T>& one : choices) names.emplace_back(one.name);
    const auto current = std::find_if(choices.begin(), choices.end(),
                                      [&](const Choice<T>& one) { return one.value == option; });
    const auto found = index_of(key, names, static_cast<std::size_t>(current - choices.begin()));
    if (found) option = choices[*found].value;
    return found.has_value();
  }

  /// `read(MapReader&)` for the mapping at `key`, given or not.
  template <class Read>
  void mapping(std::string_view key, Read read) {
    const YamlNode* node = find_mapping(key);
    MapReader inner(reader_, node, path_of(key), node ? node->place : place_);
    read(inner);
    inner.finish();
  }

  /// `read(MapReader&)` for the mapping at `key`, only if it is given.
  template <class Read>
  void optional_mapping(std::string_view key, Read read) {
    const YamlNode* node = find_mapping(key);
    if (node == nullptr) return reader_.record(path_of(key), nullptr, nullptr);
    MapReader inner(reader_, node, path_of(key), node->place);
    read(inner);
    inner.finish();
  }

  /// `read(MapReader&)` for each mapping of the list at `key`.
  template <class Read>
  void list(std::string_view key, Read read) {
    const YamlNode* node = find_list(key);
    if (node == nullptr || node->items.empty()) {
      return reader_.record(path_of(key), Value::array(), node);
    }
    for (std::size_t i = 0; i < node->items.size(); ++i) {
      const YamlNode& item = node->items[i];
      MapReader inner(reader_, as_mapping(item, path_of(key), false),
                      path_of(key) + "[" + std::to_string(i) + "]", item.place);
      read(inner);
      inner.finish();
    }
  }

  /// The members of a mapping whose keys are not fixed; empty if absent or wrong. Records nothing.
  std::span<const YamlMember> members(std::string_view key);

  bool has(std::string_view key) const { return peek(key) != nullptr; }
  const YamlNode* peek(std::string_view key) const;
  /// That a mapping without `key` says nothing: an error if it is absent.
  void require(std::string_view key, std::string_view what);
  /// An error at the value of `key`, or at the mapping.
  void error(std::string_view key, std::string message);
  /// As error, for a message that may quote the value: where something was filled into that, the
  /// message is that the text which was filled in `is_wrong`.
  void value_error(std::string_view key, std::string message, std::string_view is_wrong);
  void warn(std::string_view key, const std::string& message);

  const std::string& path() const { return path_; }
  std::string path_of(std::string_view key) const;
  Place place() const { return place_; }
  Reader& reader() { return reader_; }

  /// The keys that nobody asked for are not unknown: what they mean could not be told.
  void skip_rest() { skipped_ = true; }
  /// Says which keys nobody asked for.
  void finish();

 private:
  const YamlNode* find(std::string_view key);
  const YamlNode* find_mapping(std::string_view key);
  const YamlNode* find_list(std::string_view key);
  const YamlNode* as_mapping(const YamlNode& node, const std::string& path, bool may_be_null);

  /// What `${…}` becomes: expand, or for a URL expand_url.
  using Expand = Result<std::string>(std::string_view text, const EnvironmentLookup& environment,
                                     const std::string& folder);
  std::optional<std::string> expanded(const YamlNode& node, const std::string& path,
                                      Expand* how = expand);
  std::optional<std::string> text_of(const YamlNode& node, const std::string& path,
                                     Expand* how = expand);
  std::optional<std::string> text_with_content(std::string_view key, Expand* how = expand);
  std::optional<Millis> read_duration(const YamlNode& node, const std::string& path,
                                      Range<Millis> range);
  std::optional<std::int64_t> read_integer(const YamlNode& node, const std::string& path,
                                           Range<std::int64_t> range);
  std::optional<std::size_t> index_of(std::string_view key, const std::vector<std::string>& names,
                                      std::size_t current);
  bool read_texts(std::string_view key, std::vector<std::string>& option, bool numbers);

  Reader& reader_;
  const YamlNode* node_;
  std::string path_;
  Place place_;
  bool skipped_ = false;
  std::set<std::string, std::less<>> known_;
  std::set<std::string, std::less<>> required_;
};

}  // namespace rz
