// How MapReader reads the value of each type of field.

#include <fmt/format.h>

#include <algorithm>

#include "rz/base/duration.h"
#include "rz/base/text.h"
#include "rz/config/map_reader.h"
#include "rz/config/mask_url.h"
#include "rz/config/settings.h"

namespace rz::config {
namespace {

// A value as the file would write it: where something was filled in, the reference and never its
// value.
Value shown(const YamlNode& node, const std::string& value) {
  return needs_expansion(node.text) ? Value(node.text) : Value(value);
}

Value shown(std::optional<Millis> duration) {
  return duration ? Value(format_duration(*duration)) : Value(nullptr);
}

Value shown(std::optional<std::int64_t> number) { return number ? Value(*number) : Value(nullptr); }

// The booleans of YAML 1.1, which are texts in 1.2, and those in quotes.
std::string meant_boolean(std::string_view text) {
  static constexpr std::string_view kYes[] = {"true", "yes", "on", "y"};
  static constexpr std::string_view kNo[] = {"false", "no", "off", "n"};
  const auto is_text = [&](std::string_view word) { return equals_ignore_case(text, word); };
  if (std::any_of(std::begin(kYes), std::end(kYes), is_text)) return "; write true";
  if (std::any_of(std::begin(kNo), std::end(kNo), is_text)) return "; write false";
  return "";
}

}  // namespace

std::optional<std::string> MapReader::text_of(const YamlNode& node, const std::string& path,
                                              Expand* how) {
  if (node.invalid) return std::nullopt;
  if (node.value.as_string()) return expanded(node, path, how);
  std::string message = path + ": expected a text, got " + describe(node);
  if (node.kind == YamlNode::Kind::scalar && !node.is_null()) {
    message += "; write \"" + printable(node.text) + "\"";
  }
  reader_.error(node.place, std::move(message));
  return std::nullopt;
}

std::optional<std::string> MapReader::expanded(const YamlNode& node, const std::string& path,
                                               Expand* how) {
  auto text = how(node.text, reader_.environment(), reader_.folder(), &reader_.filled_in());
  if (!text) {
    reader_.error(node.place, path + ": " + to_string(text.error()));
  } else if (text->find('\0') != std::string::npos) {
    reader_.error(node.place, path + ": a text cannot hold a NUL byte");
  } else {
    return *std::move(text);
  }
  return std::nullopt;
}

bool MapReader::text(const Field& field, std::string& option) {
  const YamlNode* node = find(field);
  std::optional<std::string> read = node ? text_of(*node, path_of(field.key)) : std::nullopt;
  if (read) option = *std::move(read);
  const Value unset = field.needed_by.empty() ? Value(option) : Value(nullptr);
  reader_.record(path_of(field.key), node ? shown(*node, option) : unset, node);
  if (!read || !option.empty() || field.when_empty.empty()) return read.has_value();
  error(field.key, std::string(field.when_empty));
  return false;
}

std::optional<std::string> MapReader::text_with_content(const Field& field, Expand* how) {
  const YamlNode* node = find(field);
  if (node == nullptr) return std::nullopt;
  std::optional<std::string> read = text_of(*node, path_of(field.key), how);
  if (!read || !read->empty()) return read;
  reader_.error(node->place, path_of(field.key) + ": is empty; fill it or remove the key");
  return std::nullopt;
}

bool MapReader::url(const Field& field, std::string& option) {
  const auto read = text_with_content(field, expand_url);
  if (read) option = *read;
  const YamlNode* node = peek(field.key);
  reader_.record(path_of(field.key), shown_or_null(mask_url(node ? node->text : option)), node);
  return read.has_value();
}

bool MapReader::path(const Field& field, std::string& option) {
  const auto read = text_with_content(field);
  if (read) option = resolve_path(*read, reader_.folder());
  const YamlNode* node = peek(field.key);
  reader_.record(path_of(field.key), node ? shown(*node, option) : shown_or_null(option), node);
  return read.has_value();
}

// The environment beats the file, as everywhere.
bool MapReader::secret(const Field& field, std::string& option, std::string_view variable) {
  std::string file;
  const bool given = path(field, file);
  const auto outranking =
      variable.empty() ? std::nullopt : reader_.environment()(std::string(variable));
  if (outranking && !outranking->empty()) {
    reader_.filled_in().add("***", *outranking);
    option = *outranking;
    reader_.outrank_last("environment " + std::string(variable));
    return true;
  }
  if (!given) return false;
  auto content = read_secret(file);
  if (content) {
    reader_.filled_in().add("***", *content);
    option = *std::move(content);
  }
  if (!content) value_error(field.key, to_string(content.error()), "cannot be read");
  return content.has_value();
}

bool MapReader::boolean(const Field& field, bool& option) {
  const YamlNode* node = find(field);
  const bool* read = node ? node->value.as_bool() : nullptr;
  if (node && !read) {
    reader_.error(node->place, path_of(field.key) + ": expected true or false, got " +
                                   describe(*node) + meant_boolean(node->text));
  }
  if (read) option = *read;
  reader_.record(path_of(field.key), option, node);
  return read != nullptr;
}

std::optional<std::int64_t> MapReader::read_integer(const YamlNode& node, const std::string& path,
                                                    Range<std::int64_t> range) {
  const std::int64_t* read = node.value.as_int();
  if (read && *read >= range.min && *read <= range.max) return *read;
  std::string message = path + ": ";
  if (read) {
    message += fmt::format("{} is not from {} to {}", *read, range.min, range.max);
  } else {
    message += "expected an integer, got " + describe(node);
    if (node.value.as_string() && parse_int(node.text)) message += "; remove the quotes";
  }
  reader_.error(node.place, std::move(message));
  return std::nullopt;
}

bool MapReader::integer(const Field& field, std::optional<std::int64_t>& option,
                        Range<std::int64_t> range) {
  const YamlNode* node = find(field);
  const auto read = node ? read_integer(*node, path_of(field.key), range) : std::nullopt;
  if (read) option = read;
  reader_.record(path_of(field.key), shown(option), node);
  return read.has_value();
}

bool MapReader::limit(const Field& field, std::string_view none,
                      std::optional<std::int64_t>& option, Range<std::int64_t> range) {
  const YamlNode* node = find(field);
  const std::string* word = node ? node->value.as_string() : nullptr;
  bool read = false;
  if (word && *word == none) {
    option.reset();
    read = true;
  } else if (word && !parse_int(*word)) {
    reader_.error(node->place, path_of(field.key) + ": expected an integer or '" +
                                   std::string(none) + "', got " + describe(*node));
  } else if (const auto number =
                 node ? read_integer(*node, path_of(field.key), range) : std::nullopt) {
    option = number;
    read = true;
  }
  reader_.record(path_of(field.key), option ? Value(*option) : Value(none), node);
  return read;
}

std::optional<Millis> MapReader::read_duration(const YamlNode& node, const std::string& path,
                                               Range<Millis> range) {
  const auto wrong = [&](const std::string& message) {
    reader_.error(node.place, path + ": " + message);
    return std::nullopt;
  };
  const bool zero = node.value.as_int() && *node.value.as_int() == 0;
  if (node.value.is_number() && !zero) {
    return wrong(printable(node.text) + " has no unit; write it like 500ms, 5s or 1h30m");
  }
  if (!zero && !node.value.as_string()) {
    return wrong("expected a duration like 500ms, 5s or 1h30m, got " + describe(node));
  }
  const auto text = expanded(node, path);
  if (!text) return std::nullopt;
  // The text that was filled in may be a secret in the wrong place, so it is not shown.
  const bool secret = needs_expansion(node.text);
  const auto read = parse_duration(zero ? "0" : *text);
  if (!read && secret) return wrong("the text that was filled in is not a duration");
  if (!read) return wrong(read.error().message);
  const std::string name = secret ? "it" : printable(node.text);
  if (*read < range.min || *read > range.max) {
    return wrong(fmt::format("{} is not from {} to {}", name, format_duration(range.min),
                             format_duration(range.max)));
  }
  if (read->count() % 1000 != 0) return wrong(name + " is finer than a millisecond");
  return std::chrono::duration_cast<Millis>(*read);
}

bool MapReader::duration(const Field& field, std::optional<Millis>& option, Range<Millis> range) {
  const YamlNode* node = find(field);
  const auto read = node ? read_duration(*node, path_of(field.key), range) : std::nullopt;
  if (read) option = read;
  const bool secret = node && needs_expansion(node->text);
  reader_.record(path_of(field.key), secret ? Value(node->text) : shown(option), node);
  return read.has_value();
}

bool MapReader::percent(const Field& field, std::optional<double>& option) {
  const YamlNode* node = find(field);
  bool given = false;
  if (node && !node->value.as_string()) {
    reader_.error(node->place, path_of(field.key) + ": expected a percentage like 90%, got " +
                                   describe(*node) +
                                   (node->value.is_number() ? "; write " + node->text + "%" : ""));
  } else if (node) {
    const auto read = parse_percent(node->text);
    if (!read) reader_.error(node->place, path_of(field.key) + ": " + read.error().message);
    if (read) option = *read;
    given = read.has_value();
  }
  reader_.record(path_of(field.key), option ? Value(format_double(*option) + "%") : Value(nullptr),
                 node);
  return given;
}

bool MapReader::size(const Field& field, std::optional<std::uint64_t>& option) {
  const YamlNode* node = find(field);
  std::optional<std::uint64_t> read;
  if (node && node->kind == YamlNode::Kind::scalar &&
      (node->value.as_string() || node->value.is_number())) {
    const auto parsed = parse_size(node->text);
    if (parsed) read = *parsed;
    if (!parsed) reader_.error(node->place, path_of(field.key) + ": " + parsed.error().message);
  } else if (node) {
    reader_.error(node->place,
                  path_of(field.key) + ": expected a size like 10MiB, got " + describe(*node));
  }
  if (read) option = read;
  reader_.record(path_of(field.key), option ? Value(std::to_string(*option)) : Value(nullptr),
                 node);
  return read.has_value();
}

bool MapReader::number(const Field& field, std::optional<double>& option, Range<double> range) {
  const YamlNode* node = find(field);
  const std::optional<double> read =
      node && node->value.is_number() ? parse_double(node->text) : std::nullopt;
  const bool right = read && *read >= range.min && *read <= range.max;
  if (node && !right) {
    // Without an exponent, which format_double() would write.
    const std::string bounds = fmt::format("{:.0f} to {:.0f}", range.min, range.max);
    reader_.error(node->place, path_of(field.key) + ": expected a number from " + bounds +
                                   ", got " + describe(*node));
  }
  if (right) option = read;
  reader_.record(path_of(field.key), option ? Value(*option) : Value(nullptr), node);
  return right;
}

bool MapReader::texts(const Field& field, std::vector<std::string>& option) {
  return read_texts(field, option, false);
}

bool MapReader::texts_or_numbers(const Field& field, std::vector<std::string>& option) {
  return read_texts(field, option, true);
}

bool MapReader::command(const Field& field, std::vector<std::string>& option) {
  const YamlNode* node = find(field);
  if (node == nullptr) {
    reader_.record(path_of(field.key), nullptr, nullptr);
    return false;
  }
  if (node->value.as_string()) {
    error(field.key, "expected a list of the program and its arguments, got " + describe(*node) +
                         "; no shell takes it apart");
    return false;
  }
  if (!read_texts(field, option, true)) return false;
  if (!option.empty() && !option.front().empty()) return true;
  error(field.key, "is empty; name a program");
  return false;
}

bool MapReader::read_texts(const Field& field, std::vector<std::string>& option, bool numbers) {
  const YamlNode* node = find_list(field);
  if (node) option.clear();
  Value::Array recorded;
  bool right = node != nullptr;
  for (std::size_t i = 0; node && i < node->items.size(); ++i) {
    const YamlNode& item = node->items[i];
    // An argument such as 8080 is meant as the text that was written.
    if (numbers && item.value.is_number()) {
      option.push_back(item.text);
    } else if (auto read = text_of(item, fmt::format("{}[{}]", path_of(field.key), i))) {
      option.push_back(*std::move(read));
    } else {
      right = false;
      continue;
    }
    recorded.push_back(shown(item, option.back()));
  }
  if (!node) recorded.assign(option.begin(), option.end());
  reader_.record(path_of(field.key), std::move(recorded), node);
  return right;
}

// Each problem ends with `:LINE:COLUMN`, see TextProblems.
Place MapReader::place_within(const YamlNode& node, const Error& error) const {
  const auto parts = split(error.where, ':');
  const auto number = [&](std::size_t from_end) {
    const auto read = parts.size() >= from_end ? parse_int(parts[parts.size() - from_end]) : 1;
    return static_cast<std::size_t>(std::max<std::int64_t>(1, read.value_or(1)));
  };
  return reader_.place_within(node, number(2), number(1));
}

bool MapReader::condition(const Field& field,
                          const std::function<TextProblems(const std::string& text)>& parse) {
  const YamlNode* node = find(field);
  // Nothing is filled into a condition: its value could change what the condition means.
  reader_.record(path_of(field.key), node ? Value(node->text) : Value(nullptr), node);
  if (node == nullptr) return false;
  if (node->kind != YamlNode::Kind::scalar) {
    error(field.key, "expected a condition, got " + describe(*node));
    return false;
  }
  const TextProblems problems = parse(node->text);
  for (const Error& doubt : problems.doubts) {
    reader_.warn(place_within(*node, doubt), path_of(field.key) + ": " + doubt.message);
  }
  for (const Error& wrong : problems.errors) {
    reader_.error(place_within(*node, wrong), path_of(field.key) + ": " + wrong.message);
  }
  return problems.errors.empty();
}

bool MapReader::read_member(const YamlMember& member, const std::string& path,
                            const NamedWordsType& type) {
  if (const auto problem = type.name_problem(member.key)) {
    reader_.error(member.place, path + ": " + *problem);
    return false;
  }
  const std::string& word = member.value.text;
  if (std::find(type.words.begin(), type.words.end(), word) != type.words.end()) return true;
  reader_.error(member.value.place, path + "." + member.key + ": expected " + join_or(type.words) +
                                        ", got " + describe(member.value) +
                                        suggestion(word, type.words));
  return false;
}

bool MapReader::named_words(const Field& field, NamedWords& option, const NamedWordsType& type) {
  const YamlNode* mapping = find_mapping(field);
  const YamlNode* node = peek(field.key);
  if (node && !node->is_null()) option.clear();
  for (std::size_t i = 0; mapping && i < mapping->members.size(); ++i) {
    const YamlMember& member = mapping->members[i];
    if (read_member(member, path_of(field.key), type)) {
      option.emplace_back(member.key, member.value.text);
    }
  }
  reader_.record(path_of(field.key), Value::Object(option.begin(), option.end()), node);
  return mapping != nullptr;
}

std::optional<std::size_t> MapReader::word(const Field& field, std::span<const std::string> names,
                                           std::size_t current) {
  const YamlNode* node = find(field);
  std::optional<std::size_t> found;
  if (node) {
    const auto name = std::find(names.begin(), names.end(), node->text);
    if (node->kind == YamlNode::Kind::scalar && name != names.end()) {
      found = static_cast<std::size_t>(name - names.begin());
    } else {
      const std::vector<std::string> known(names.begin(), names.end());
      error(field.key, "expected " + join_or(known) + ", got " + describe(*node) +
                           suggestion(node->text, known));
    }
  }
  const std::size_t effective = found.value_or(current);
  reader_.record(path_of(field.key),
                 effective < names.size() ? Value(names[effective]) : Value(nullptr), node);
  return found;
}

}  // namespace rz::config
