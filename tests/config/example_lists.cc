#include "example_lists.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "rz/base/json.h"
#include "rz/base/text.h"
#include "rz/config/schema.h"

namespace rz::testing {
namespace {

constexpr std::size_t kWidth = 100;

std::string value_of(const config::FieldSchema& field);

std::string as_flow_mapping(const std::vector<config::FieldSchema>& fields) {
  std::vector<std::string> members;
  for (const config::FieldSchema& field : fields)
    members.push_back(field.key + ": " + value_of(field));
  return "{" + join(members, ", ") + "}";
}

std::string value_of(const config::FieldSchema& field) {
  if (field.type == config::FieldSchema::Type::section) return as_flow_mapping(field.fields);
  if (!field.example.empty()) return field.example;
  if (field.type == config::FieldSchema::Type::list && !field.fields.empty()) {
    return "[" + as_flow_mapping(field.fields) + "]";
  }
  const std::string* text = field.default_value.as_string();
  return text && !text->empty() ? *text : to_json(field.default_value);
}

// In one line, if it is short enough, else each key of the section in a line of its own.
std::string key_and_value(const config::FieldSchema& field, std::size_t indent) {
  const std::string begin = "  #" + std::string(indent, ' ') + field.key + ":";
  const std::string line = begin + " " + value_of(field) + "\n";
  if (line.size() <= kWidth || field.type != config::FieldSchema::Type::section) return line;
  std::string lines = begin + "\n";
  for (const config::FieldSchema& each : field.fields) lines += key_and_value(each, indent + 2);
  return lines;
}

std::string comment(const std::string& sentence) {
  const std::string begin = "  #    #";
  std::string lines, line = begin;
  for (std::string_view word : split(sentence, ' ')) {
    if (line.size() + 1 + word.size() > kWidth) {
      lines += line + "\n";
      line = begin;
    }
    line.append(" ").append(word);
  }
  return lines + line + "\n";
}

/// Whether the field is one of every kind.
bool is_common(const config::FieldSchema& field, const std::vector<config::KindSchema>& kinds) {
  return std::all_of(kinds.begin(), kinds.end(), [&](const config::KindSchema& kind) {
    return std::any_of(kind.fields.begin(), kind.fields.end(),
                       [&](const config::FieldSchema& other) {
                         return other.key == field.key && other.sentence == field.sentence;
                       });
  });
}

std::string example_of(const config::KindSchema& kind,
                       const std::vector<config::KindSchema>& kinds) {
  const bool first = &kind == &kinds.front();
  std::string text = "  #  # " + kind.summary + "\n  #  - type: " + kind.name + "\n";
  for (const config::FieldSchema& field : kind.fields) {
    if (field.key == "type" || (is_common(field, kinds) && !first)) continue;
    text += comment(field.sentence) + key_and_value(field, 4);
  }
  return text;
}

}  // namespace

std::string example_list(const std::string& list) {
  std::string text = "  #" + list + ":\n";
  config::for_each_field(config::config_schema(), [&](const std::string& path, const std::string&,
                                                      const config::FieldSchema& field) {
    if (path != "health." + list) return;
    for (const config::KindSchema& kind : field.kinds) text += example_of(kind, field.kinds);
  });
  return text;
}

}  // namespace rz::testing
