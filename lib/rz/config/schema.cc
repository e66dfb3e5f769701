#include "rz/config/schema.h"

#include <algorithm>

#include "rz/base/duration.h"
#include "rz/base/text.h"
#include "rz/bench/limits.h"
#include "rz/cond/condition_fields.h"
#include "rz/config/settings.h"
#include "rz/fallback/fallback_fields.h"
#include "rz/health/health_fields.h"
#include "rz/health/make_check.h"
#include "rz/storage/storage_fields.h"

namespace rz::config {
namespace {

using Type = FieldSchema::Type;

/// Writes down the fields of one mapping.
class SchemaBuilder : public FieldVisitor {
 public:
  /// `entry_kind` is the kind that an entry of a list is to be, by number.
  explicit SchemaBuilder(FieldSchema& mapping, std::size_t entry_kind = 0)
      : mapping_(mapping), entry_kind_(entry_kind) {}

  bool text(const Field& field, std::string& option) override {
    FieldSchema& added = add(field, Type::text);
    if (!added.needed) added.default_value = option;
    added.may_be_empty = field.when_empty.empty();
    return false;
  }
  bool url(const Field& field, std::string& option) override {
    add(field, Type::url).default_value = shown_or_null(option);
    return false;
  }
  bool path(const Field& field, std::string& option) override {
    add(field, Type::path).default_value = shown_or_null(option);
    return false;
  }
  bool secret(const Field& field, std::string&, std::string_view) override {
    add(field, Type::path);
    return false;
  }
  bool boolean(const Field& field, bool& option) override {
    add(field, Type::boolean).default_value = option;
    return false;
  }
  bool integer(const Field& field, std::optional<std::int64_t>& option,
               Range<std::int64_t> range) override {
    FieldSchema& added = add(field, Type::integer);
    if (option) added.default_value = *option;
    added.bounds = {range.min, range.max};
    return false;
  }
  bool limit(const Field& field, std::string_view none, std::optional<std::int64_t>& option,
             Range<std::int64_t> range) override {
    integer(field, option, range);
    FieldSchema& added = mapping_.fields.back();
    added.words.emplace_back(none);
    if (!option) added.default_value = none;
    return false;
  }
  bool duration(const Field& field, std::optional<Millis>& option, Range<Millis> range) override {
    FieldSchema& added = add(field, Type::duration);
    if (option) added.default_value = format_duration(*option);
    added.bounds = {format_duration(range.min), format_duration(range.max)};
    return false;
  }
  bool percent(const Field& field, std::optional<double>& option) override {
    FieldSchema& added = add(field, Type::percentage);
    if (option) added.default_value = format_double(*option) + "%";
    return false;
  }
  bool size(const Field& field, std::optional<std::uint64_t>& option) override {
    FieldSchema& added = add(field, Type::size);
    if (option) added.default_value = std::to_string(*option);
    return false;
  }
  bool number(const Field& field, std::optional<double>& option, Range<double> range) override {
    FieldSchema& added = add(field, Type::number);
    if (option) added.default_value = *option;
    // Bounds are whole numbers, which read better without `.0`.
    added.bounds = {static_cast<std::int64_t>(range.min), static_cast<std::int64_t>(range.max)};
    return false;
  }
  bool texts(const Field& field, std::vector<std::string>& option) override {
    add(field, Type::texts).default_value = Value::Array(option.begin(), option.end());
    return false;
  }
  bool texts_or_numbers(const Field& field, std::vector<std::string>& option) override {
    add(field, Type::texts_or_numbers).default_value = Value::Array(option.begin(), option.end());
    return false;
  }
  bool command(const Field& field, std::vector<std::string>&) override {
    add(field, Type::command);
    return false;
  }
  bool condition(const Field& field,
                 const std::function<TextProblems(const std::string&)>&) override {
    add(field, Type::condition);
    return false;
  }
  bool named_words(const Field& field, NamedWords& option, const NamedWordsType& type) override {
    FieldSchema& added = add(field, Type::named_words);
    added.default_value = Value::Object(option.begin(), option.end());
    added.words = type.words;
    added.names = type.names;
    return false;
  }
  std::optional<std::size_t> word(const Field& field, std::span<const std::string> names,
                                  std::size_t current) override {
    FieldSchema& added = add(field, Type::word);
    added.words.assign(names.begin(), names.end());
    if (current < names.size()) added.default_value = names[current];
    return std::nullopt;
  }
  std::optional<std::size_t> kind(const Field& field, std::span<const Kind> kinds) override {
    FieldSchema& added = add(field, Type::word);
    for (const Kind& each : kinds) added.words.emplace_back(each.name);
    kinds_.assign(kinds.begin(), kinds.end());
    return entry_kind_;
  }

  bool section(const Field& field, const Visit& visit) override {
    FieldSchema inner = schema_of(field, Type::section);
    SchemaBuilder builder(inner);
    visit(builder);
    mapping_.fields.push_back(std::move(inner));
    return false;
  }
  bool optional_section(const Field& field, const Visit& visit) override {
    return section(field, visit);
  }
  void list(const Field& field, const Visit& visit) override {
    FieldSchema list = schema_of(field, Type::list);
    list.default_value = Value::array();
    std::size_t kinds = 1;
    for (std::size_t kind = 0; kind < kinds; ++kind) {
      FieldSchema entry;
      SchemaBuilder builder(entry, kind);
      visit(builder);
      if (builder.kinds_.empty()) {
        list.fields = std::move(entry.fields);
        break;
      }
      kinds = builder.kinds_.size();
      list.kinds.push_back({std::string(builder.kinds_[kind].name),
                            std::string(builder.kinds_[kind].summary), std::move(entry.fields)});
    }
    mapping_.fields.push_back(std::move(list));
  }
  void either(std::string_view one, std::string_view other, std::string_view) override {
    mapping_.either = {std::string(one), std::string(other)};
  }

 private:
  static FieldSchema schema_of(const Field& field, Type type) {
    FieldSchema schema;
    schema.key = field.key;
    schema.type = type;
    schema.sentence = field.sentence;
    schema.example = field.example;
    schema.needed = !field.needed_by.empty();
    return schema;
  }

  FieldSchema& add(const Field& field, Type type) {
    return mapping_.fields.emplace_back(schema_of(field, type));
  }

  FieldSchema& mapping_;
  std::size_t entry_kind_;
  std::vector<Kind> kinds_;
};

void walk(const std::vector<FieldSchema>& fields, const std::string& path, const std::string& kind,
          const VisitSchema& visit) {
  for (const FieldSchema& field : fields) {
    const std::string inner = path.empty() ? field.key : path + "." + field.key;
    visit(inner, kind, field);
    walk(field.fields, field.type == Type::list ? inner + "[]" : inner, kind, visit);
    for (const KindSchema& each : field.kinds) walk(each.fields, inner + "[]", each.name, visit);
  }
}

}  // namespace

void visit_config(FieldVisitor& fields, Config& config) {
  fields.section({"storage", "Where the state is kept."},
                 [&](FieldVisitor& storage) { storage::visit_fields(storage, config.storage); });
  fields.section({"health", "What is checked."},
                 [&](FieldVisitor& health) { health::visit_fields(health, config.health); });
  fields.section({"serve", "How rz health serve answers over HTTP."},
                 [&](FieldVisitor& serve) { health::visit_fields(serve, config.serve); });
  // Before `fallback`, whose conditions stand on these.
  fields.section(
      {"conditions", "What rz cond, the actions and the heuristic detector may use."},
      [&](FieldVisitor& conditions) { cond::visit_fields(conditions, config.conditions); });
  fields.section({"fallback", "How degraded the system runs: primary, heuristic or safe."},
                 [&](FieldVisitor& fallback) {
                   fallback::visit_fields(fallback, config.fallback, config.conditions,
                                          health::check_names(config.health));
                 });
  fields.section({"bench", "What rz bench measures, and from where on it tells a slowdown."},
                 [&](FieldVisitor& bench) {
                   bench::visit_fields(bench, config.bench);
                   bench.section(
                       {"http", "The load of rz bench http; its options outrank these."},
                       [&](FieldVisitor& load) { bench::visit_fields(load, config.load); });
                 });
}

const FieldSchema& config_schema() {
  static const FieldSchema kSchema = [] {
    FieldSchema whole;
    whole.sentence = "The configuration of rz, see rz.yaml(5).";
    SchemaBuilder builder(whole);
    Config defaults;
    visit_config(builder, defaults);
    return whole;
  }();
  return kSchema;
}

void for_each_field(const FieldSchema& section, const VisitSchema& visit) {
  walk(section.fields, "", "", visit);
}

std::string sections_with(std::string_view key) {
  std::vector<std::string> sections;
  for_each_field(
      config_schema(), [&](const std::string& path, const std::string&, const FieldSchema& field) {
        // What an entry of a list takes depends on its kind.
        if (field.key != key || path.find('[') != std::string::npos) return;
        const std::size_t dot = path.rfind('.');
        const std::string section =
            dot == std::string::npos ? "at the top" : "under '" + path.substr(0, dot) + "'";
        if (std::find(sections.begin(), sections.end(), section) == sections.end()) {
          sections.push_back(section);
        }
      });
  // Of so many none is the right one.
  return sections.size() > 3 ? "" : join_or(sections);
}

}  // namespace rz::config
