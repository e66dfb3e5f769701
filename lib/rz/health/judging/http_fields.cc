// What the configuration of an http check has beside its keys for the request: `expect`.

#include <algorithm>
#include <array>

#include "rz/base/json_pointer.h"
#include "rz/health/judging/http_expectation.h"
#include "rz/health/judging/value_condition.h"

namespace rz::health {
namespace {

void visit_status(FieldVisitor& fields, HttpExpectation& expectation) {
  std::vector<std::string> texts;
  if (!fields.texts_or_numbers(
          {"status", "The statuses of a healthy answer; in place of expected_status.",
           "[200, 204, 300-399]"},
          texts)) {
    return;
  }
  std::vector<StatusRange> ranges;
  for (const std::string& text : texts) {
    if (const auto range = parse_status_range(text)) {
      ranges.push_back(*range);
    } else {
      fields.value_error("status", "an entry is not a status like 200 or 300-399, from 100 to 599",
                         "is not a status like 200 or 300-399");
    }
  }
  if (!ranges.empty()) expectation.status = std::move(ranges);
}

// Whether it was given. An empty text is in every body.
bool visit_texts(FieldVisitor& fields, const Field& field, std::vector<std::string>& texts) {
  const bool given = fields.texts(field, texts);
  if (given && std::find(texts.begin(), texts.end(), "") != texts.end()) {
    fields.error(field.key, "an entry is empty, which asserts nothing");
  }
  return given;
}

void visit_patterns(FieldVisitor& fields, const Field& field, std::vector<std::string>& patterns) {
  if (!visit_texts(fields, field, patterns)) return;
  for (std::size_t i = 0; i < patterns.size(); ++i) {
    const auto compiled = compile_regex(patterns[i]);
    // Where RE2 is missing, the check says so.
    if (compiled || compiled.error().own_side) continue;
    // RE2's own words quote the pattern, into which a secret may have been filled.
    fields.error(field.key, "[" + std::to_string(i) + "] is not a regular expression of RE2");
  }
}

ConditionOptions condition_options(VariableType value) { return {.variables = {{"value", value}}}; }

TextProblems read_condition(const std::string& text, ValueCondition& when) {
  const auto read = [&](VariableType type) -> std::optional<Condition> {
    auto parsed = parse_condition(text, condition_options(type));
    return parsed ? std::optional(*std::move(parsed)) : std::nullopt;
  };
  when = {read(VariableType::number), read(VariableType::string), read(VariableType::boolean)};
  const std::optional<Condition>& read_as = when.number ? when.number
                                            : when.text ? when.text
                                                        : when.boolean;
  if (read_as && read_as->variables().empty()) {
    return {{Error{ErrorCode::parse, "does not name value, and so asserts nothing of it",
                   "condition:1:1"}},
            {}};
  }
  return check_value_condition(text, condition_options);
}

void visit_json(FieldVisitor& fields, std::vector<JsonExpectation>& json) {
  fields.list(
      {"json", "Values of a JSON body, and what must hold of each."}, [&](FieldVisitor& item) {
        JsonExpectation expectation;
        const bool given = item.text({.key = "pointer",
                                      .sentence = "Where it is (RFC 6901).",
                                      .example = "/queue/depth",
                                      .needed_by = "a value"},
                                     expectation.pointer);
        if (given && !is_json_pointer(expectation.pointer)) {
          item.value_error("pointer",
                           "is not a JSON pointer; write it like /queue/depth, with ~1 for "
                           "a slash in a name",
                           "is not a JSON pointer");
        }
        const bool valid = item.condition(
            {.key = "when",
             .sentence = "A condition over it, as value.",
             .example = "value < 100",
             .needed_by = "a value"},
            [&](const std::string& text) { return read_condition(text, expectation.when); });
        if (valid) json.push_back(std::move(expectation));
      });
}

}  // namespace

bool asserts_nothing(const FieldVisitor& fields, const HttpExpectation& expectation) {
  constexpr std::array<std::string_view, 5> kLists = {"status", "contains", "not_contains",
                                                      "matches", "not_matches"};
  const auto given = [&](std::string_view key) { return !fields.places_in(key).empty(); };
  const auto there = [&](std::string_view key) { return fields.has(key); };
  // What rz config show prints has every key, with its default.
  return expectation.json.empty() && std::none_of(kLists.begin(), kLists.end(), given) &&
         !std::all_of(kLists.begin(), kLists.end(), there);
}

void visit_fields(FieldVisitor& fields, HttpExpectation& expectation) {
  visit_status(fields, expectation);
  visit_texts(fields, {"contains", "Texts that must be in the body.", "[ready]"},
              expectation.contains);
  visit_texts(fields, {"not_contains", "Texts that must not be in it.", "[error]"},
              expectation.not_contains);
  visit_patterns(fields,
                 {"matches", "Regular expressions (RE2) that must be found in it.", R"(["^ok$"])"},
                 expectation.matches);
  visit_patterns(fields,
                 {"not_matches", "Regular expressions that must not be found.", R"(["(?i)fatal"])"},
                 expectation.not_matches);
  visit_json(fields, expectation.json);
}

}  // namespace rz::health
