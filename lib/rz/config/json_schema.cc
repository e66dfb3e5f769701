#include "rz/config/json_schema.h"

#include <fmt/format.h>

#include "rz/base/json.h"
#include "rz/base/text.h"
#include "rz/config/flat_keys.h"
#include "rz/config/schema.h"

namespace rz::config {
namespace {

using Type = FieldSchema::Type;

Value reference(std::string_view definition) {
  return Value::object({{"$ref", "#/$defs/" + std::string(definition)}});
}

Value any_of(const std::vector<std::string>& words) {
  return Value::Array(words.begin(), words.end());
}

// A section or list whose entries are all commented out is null in YAML.
Value or_null(const char* type) { return Value::array({type, "null"}); }

std::string in_words(const Value& bound) {
  const std::string* text = bound.as_string();
  return text ? *text : to_json(bound);
}

/// The definitions that fields refer to. A text with `${…}` is accepted everywhere, since its value
/// is known only when it is filled in.
Value base_definitions() {
  return Value::object(
      {{"duration",
        // Of the integers only 0 is a duration: any other number needs a unit.
        Value::object({{"type", Value::array({"string", "integer"})},
                       {"pattern", R"(^(0|([0-9]+(\.[0-9]+)?(us|ms|s|m|h|d|w))+|.*\$.*)$)"},
                       {"minimum", 0},
                       {"maximum", 0}})},
       {"percentage",
        Value::object({{"type", "string"}, {"pattern", R"(^[0-9]+(\.[0-9]+)? ?%$)"}})},
       {"size", Value::object({{"type", Value::array({"string", "integer"})},
                               {"pattern", R"(^[0-9]+(\.[0-9]+)? *([kKmMgGtT]?[iI]?[bB])?$)"},
                               {"minimum", 0}})},
       {"condition", Value::object({{"type", Value::array({"string", "boolean"})}})},
       {"command",
        Value::object(
            {{"type", "array"},
             {"minItems", 1},
             {"items", Value::object({{"type", Value::array({"string", "number"})}})}})}});
}

class Writer {
 public:
  Value write(const FieldSchema& whole) {
    Value schema = Value::object({{"$schema", "https://json-schema.org/draft/2020-12/schema"},
                                  {"title", "rz.yaml"},
                                  {"description", whole.sentence}});
    merge(schema, mapping(whole.fields, ""));
    schema.set("type", or_null("object"));
    Value properties = *schema.find("properties");
    add_flat_keys(properties);
    schema.set("properties", std::move(properties));
    schema.set("$defs", std::move(definitions_));
    return schema;
  }

 private:
  static void merge(Value& into, Value from) {
    for (auto& [key, value] : *from.as_object()) into.set(key, std::move(value));
  }

  Value mapping(const std::vector<FieldSchema>& fields, const std::string& path) {
    Value properties = Value::object();
    Value needed = Value::array();
    for (const FieldSchema& each : fields) {
      properties.set(each.key, field(each, path.empty() ? each.key : path + "." + each.key));
      if (each.needed) needed.push_back(each.key);
    }
    Value schema = Value::object({{"type", "object"},
                                  {"additionalProperties", false},
                                  {"properties", std::move(properties)}});
    if (!needed.as_array()->empty()) schema.set("required", std::move(needed));
    return schema;
  }

  Value section(const FieldSchema& field, const std::string& path) {
    Value schema = mapping(field.fields, path);
    schema.set("type", or_null("object"));
    if (field.either.first.empty()) return schema;
    const auto only = [](const std::string& key) {
      return Value::object({{"type", "object"}, {"required", Value::array({key})}});
    };
    schema.set("oneOf", Value::array({Value::object({{"type", "null"}}), only(field.either.first),
                                      only(field.either.second)}));
    return schema;
  }

  Value list(const FieldSchema& field, const std::string& path) {
    Value entry = field.kinds.empty() ? mapping(field.fields, path) : entry_by_kind(field, path);
    return Value::object({{"type", or_null("array")}, {"items", std::move(entry)}});
  }

  // A branch for each kind, so that an editor offers and explains the keys of that kind alone.
  Value entry_by_kind(const FieldSchema& field, const std::string& path) {
    const FieldSchema& chooser = field.kinds.front().fields.front();
    Value branches = Value::array();
    for (const KindSchema& kind : field.kinds) {
      const std::string name = path + "." + kind.name;
      Value schema = mapping(kind.fields, path);
      Value properties = *schema.find("properties");
      properties.set(chooser.key, Value::object({{"const", kind.name}}));
      schema.set("properties", std::move(properties));
      schema.set("description", kind.summary);
      definitions_.set(name, std::move(schema));
      Value is_kind = Value::object(
          {{"required", Value::array({chooser.key})},
           {"properties", Value::object({{chooser.key, Value::object({{"const", kind.name}})}})}});
      branches.push_back(Value::object({{"if", std::move(is_kind)}, {"then", reference(name)}}));
    }
    return Value::object(
        {{"type", "object"},
         {"required", Value::array({chooser.key})},
         {"properties", Value::object({{chooser.key, this->field(chooser, path)}})},
         {"allOf", std::move(branches)}});
  }

  static Value integer(const FieldSchema& field) {
    Value schema = Value::object(
        {{"type", "integer"}, {"minimum", field.bounds->min}, {"maximum", field.bounds->max}});
    if (field.words.empty()) return schema;
    return Value::object(
        {{"oneOf",
          Value::array({std::move(schema), Value::object({{"const", field.words.front()}})})}});
  }

  static Value text(bool may_be_empty) {
    Value schema = Value::object({{"type", "string"}});
    if (!may_be_empty) schema.set("minLength", 1);
    return schema;
  }

  static Value named_words(const FieldSchema& field) {
    Value schema =
        Value::object({{"type", or_null("object")},
                       {"additionalProperties", Value::object({{"enum", any_of(field.words)}})}});
    if (!field.names.empty()) {
      schema.set("propertyNames", Value::object({{"enum", any_of(field.names)}}));
    }
    return schema;
  }

  Value type_of(const FieldSchema& field, const std::string& path) {
    switch (field.type) {
      case Type::text: return text(field.may_be_empty);
      case Type::url:
      case Type::path: return text(false);
      case Type::boolean: return Value::object({{"type", "boolean"}});
      case Type::integer: return integer(field);
      case Type::duration: return reference("duration");
      case Type::percentage: return reference("percentage");
      case Type::size: return reference("size");
      case Type::number:
        return Value::object(
            {{"type", "number"}, {"minimum", field.bounds->min}, {"maximum", field.bounds->max}});
      case Type::texts: return Value::object({{"type", or_null("array")}, {"items", text(true)}});
      case Type::texts_or_numbers:
        return Value::object(
            {{"type", or_null("array")},
             {"items", Value::object({{"type", Value::array({"string", "integer"})}})}});
      case Type::command: return reference("command");
      case Type::condition: return reference("condition");
      case Type::named_words: return named_words(field);
      case Type::word: return Value::object({{"enum", any_of(field.words)}});
      case Type::section: return section(field, path);
      case Type::list: return list(field, path);
    }
    return Value::object();
  }

  Value field(const FieldSchema& field, const std::string& path) {
    std::string description = field.sentence;
    if (field.type == Type::duration) {
      description +=
          fmt::format(" From {} to {}.", in_words(field.bounds->min), in_words(field.bounds->max));
    }
    Value schema = Value::object({{"description", std::move(description)}});
    merge(schema, type_of(field, path));
    if (!field.default_value.is_null()) schema.set("default", field.default_value);
    if (!field.example.empty()) {
      if (auto example = parse_document(field.example, field.key)) {
        schema.set("examples", Value::array({*std::move(example)}));
      }
    }
    return schema;
  }

  static void add_flat_keys(Value& properties) {
    for (const FlatKey& key : flat_keys()) {
      const std::string owner = "storage." + std::string(key.name);
      properties.set(
          key.old_name,
          Value::object({{"description", "The old name of " + owner +
                                             (key.seconds ? "; a number is seconds." : ".")},
                         {"type", Value::array({"string", "number"})},
                         {"deprecated", true}}));
    }
  }

  Value definitions_ = base_definitions();
};

}  // namespace

Value json_schema() { return Writer().write(config_schema()); }

}  // namespace rz::config
