#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "rz/base/field_visitor.h"
#include "rz/config/expansion.h"
#include "rz/config/reader.h"

namespace rz::config {

/// Reads the keys of one mapping. Each field that it is shown is read if it is there and valid,
/// reported if it is wrong, and left at its default if it is absent; the value that then holds is
/// recorded. A key that no field has is unknown.
class MapReader : public FieldVisitor {
 public:
  /// `node` may be null: then no key is given. `path` is that of the mapping, empty for the whole
  /// file.
  MapReader(Reader& reader, const YamlNode* node, std::string path, Place place);
  MapReader(const MapReader&) = delete;
  MapReader& operator=(const MapReader&) = delete;

  using FieldVisitor::duration;
  using FieldVisitor::integer;

  bool text(const Field& field, std::string& option) override;
  bool url(const Field& field, std::string& option) override;
  bool path(const Field& field, std::string& option) override;
  bool secret(const Field& field, std::string& option, std::string_view variable) override;
  bool boolean(const Field& field, bool& option) override;
  bool integer(const Field& field, std::optional<std::int64_t>& option,
               Range<std::int64_t> range) override;
  bool limit(const Field& field, std::string_view none, std::optional<std::int64_t>& option,
             Range<std::int64_t> range) override;
  bool duration(const Field& field, std::optional<Millis>& option, Range<Millis> range) override;
  bool percent(const Field& field, std::optional<double>& option) override;
  bool size(const Field& field, std::optional<std::uint64_t>& option) override;
  bool number(const Field& field, std::optional<double>& option, Range<double> range) override;
  bool texts(const Field& field, std::vector<std::string>& option) override;
  bool texts_or_numbers(const Field& field, std::vector<std::string>& option) override;
  bool command(const Field& field, std::vector<std::string>& option) override;
  bool condition(const Field& field,
                 const std::function<TextProblems(const std::string& text)>& parse) override;
  bool named_words(const Field& field, NamedWords& option, const NamedWordsType& type) override;
  std::optional<std::size_t> word(const Field& field, std::span<const std::string> names,
                                  std::size_t current) override;
  std::optional<std::size_t> kind(const Field& field, std::span<const Kind> kinds) override;

  bool section(const Field& field, const Visit& visit) override;
  bool optional_section(const Field& field, const Visit& visit) override;
  void list(const Field& field, const Visit& visit) override;
  void either(std::string_view one, std::string_view other, std::string_view message) override;

  bool has(std::string_view key) const override { return peek(key) != nullptr; }
  Place place_of(std::string_view key) const override;
  std::vector<Place> places_in(std::string_view key) const override;
  std::string resolved(const std::string& path) const override;
  void error(std::string_view key, std::string message) override;
  void error_at(Place place, std::string message) override;
  void value_error(std::string_view key, std::string message, std::string_view is_wrong) override;
  void warn(std::string_view key, const std::string& message) override;

  /// Reports the keys that no field has.
  void finish();

 private:
  std::string path_of(std::string_view key) const;
  const YamlNode* peek(std::string_view key) const;
  /// Remembers the key, and reports it if it is required and missing.
  const YamlNode* claim(const Field& field);
  const YamlNode* find(const Field& field);
  const YamlNode* find_mapping(const Field& field);
  const YamlNode* find_list(const Field& field);
  const YamlNode* as_mapping(const YamlNode& node, const std::string& path, bool may_be_null);

  /// How `${…}` is replaced: expand, or for a URL expand_url.
  using Expand = Result<std::string>(std::string_view text, const EnvironmentLookup& environment,
                                     const std::string& folder, FilledIn* filled_in);
  std::optional<std::string> expanded(const YamlNode& node, const std::string& path,
                                      Expand* how = expand);
  std::optional<std::string> text_of(const YamlNode& node, const std::string& path,
                                     Expand* how = expand);
  std::optional<std::string> text_with_content(const Field& field, Expand* how = expand);
  std::optional<Millis> read_duration(const YamlNode& node, const std::string& path,
                                      Range<Millis> range);
  std::optional<std::int64_t> read_integer(const YamlNode& node, const std::string& path,
                                           Range<std::int64_t> range);
  Place place_within(const YamlNode& node, const Error& error) const;
  bool read_member(const YamlMember& member, const std::string& path, const NamedWordsType& type);
  bool read_texts(const Field& field, std::vector<std::string>& option, bool numbers);

  Reader& reader_;
  const YamlNode* node_;
  std::string path_;
  Place place_;
  bool skipped_ = false;
  std::vector<std::string_view> known_;
};

}  // namespace rz::config
