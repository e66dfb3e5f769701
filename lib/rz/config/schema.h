#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "rz/base/field_visitor.h"
#include "rz/base/value.h"
#include "rz/config/config.h"

namespace rz::config {

struct FieldSchema;

/// One of the kinds of entry that a list has, with the fields of such an entry.
struct KindSchema {
  std::string name;
  std::string summary;
  std::vector<FieldSchema> fields;
};

/// What there is to be known of one key. What does not belong to its type is empty.
struct FieldSchema {
  enum class Type {
    text,
    url,
    path,
    boolean,
    integer,
    duration,
    percentage,
    size,
    number,
    texts,
    texts_or_numbers,
    command,
    condition,
    named_words,
    word,
    section,
    list,
  };

  std::string key;
  Type type = Type::section;
  std::string sentence;
  std::string example;  ///< As YAML writes it.
  bool needed = false;
  bool may_be_empty = false;           ///< Of a text.
  Value default_value;                 ///< As `rz config show` writes it; null: none.
  std::optional<Range<Value>> bounds;  ///< Of a number or duration, as the default.
  std::vector<std::string> words;      ///< Those of a word; what else an integer may be.
  std::vector<std::string> names;      ///< Of named_words; empty: any.
  std::vector<FieldSchema> fields;     ///< Of a section, and of each entry of a list.
  std::vector<KindSchema> kinds;       ///< Of a list whose entries differ, in place of `fields`.
  std::pair<std::string, std::string> either;  ///< The keys of a section of which one is needed.
};

/// Shows `fields` every option of a configuration.
void visit_config(FieldVisitor& fields, Config& config);

/// Every key that a configuration may have: the section without a key that is the whole file. Made
/// at the first call.
const FieldSchema& config_schema();

/// Calls `visit` for each field below `section`, those of sections and lists before their own.
/// `path` is like `health.checks[].url`; `kind` is empty outside of lists whose entries differ.
using VisitSchema =
    std::function<void(const std::string& path, const std::string& kind, const FieldSchema& field)>;
void for_each_field(const FieldSchema& section, const VisitSchema& visit);

/// Where else a key of that name stands, as `under 'health'` or `at the top`; empty: nowhere.
std::string sections_with(std::string_view key);

}  // namespace rz::config
