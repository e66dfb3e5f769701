#include "rz/config/map_reader.h"

#include <fmt/format.h>

#include <algorithm>

#include "rz/base/duration.h"
#include "rz/base/text.h"
#include "rz/cond/diagnostic.h"
#include "rz/cond/parser.h"
#include "rz/config/expansion.h"
#include "rz/config/mask_url.h"
#include "rz/config/sections.h"

namespace rz {
namespace {

// A value as the file would write it: where something was filled in, its reference and never it.
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

Value shown_or_null(const std::string& text) { return text.empty() ? Value(nullptr) : Value(text); }

}  // namespace

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

const YamlNode* MapReader::find(std::string_view key) {
  known_.emplace(key);
  const YamlNode* node = peek(key);
  if (node == nullptr || node->defective) return nullptr;
  if (!node->is_null()) return node;
  reader_.error(node->place, path_of(key) + ": has no value; give one or remove the key");
  return nullptr;
}

// Null is what is left of a section when all its keys are commented out.
const YamlNode* MapReader::find_mapping(std::string_view key) {
  known_.emplace(key);
  const YamlNode* node = peek(key);
  return node ? as_mapping(*node, path_of(key), true) : nullptr;
}

const YamlNode* MapReader::as_mapping(const YamlNode& node, const std::string& path,
                                      bool may_be_null) {
  if (node.kind == YamlNode::Kind::mapping) return &node;
  if (!node.defective && (!node.is_null() || !may_be_null)) {
    reader_.error(node.place, path + ": expected a mapping (key: value), got " + describe(node));
  }
  return nullptr;
}

const YamlNode* MapReader::find_list(std::string_view key) {
  known_.emplace(key);
  const YamlNode* node = peek(key);
  if (node == nullptr || node->is_null() || node->defective) return nullptr;
  if (node->kind == YamlNode::Kind::sequence) return node;
  reader_.error(node->place, path_of(key) + ": expected a list ([…]), got " + describe(*node));
  return nullptr;
}

std::span<const YamlMember> MapReader::members(std::string_view key) {
  const YamlNode* node = find_mapping(key);
  return node ? std::span<const YamlMember>(node->members) : std::span<const YamlMember>();
}

std::optional<std::string> MapReader::text_of(const YamlNode& node, const std::string& path,
                                              Expand* how) {
  if (node.defective) return std::nullopt;
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
  auto text = how(node.text, reader_.environment(), reader_.folder());
  if (!text) {
    reader_.error(node.place, path + ": " + to_string(text.error()));
  } else if (text->find('\0') != std::string::npos) {
    reader_.error(node.place, path + ": a text cannot hold a NUL byte");
  } else {
    return *std::move(text);
  }
  return std::nullopt;
}

bool MapReader::text(std::string_view key, std::string& option) {
  const YamlNode* node = find(key);
  std::optional<std::string> read = node ? text_of(*node, path_of(key)) : std::nullopt;
  if (read) option = *std::move(read);
  const Value unset = required_.contains(key) ? Value(nullptr) : Value(option);
  reader_.record(path_of(key), node ? shown(*node, option) : unset, node);
  return read.has_value();
}

std::optional<std::string> MapReader::text_with_content(std::string_view key, Expand* how) {
  const YamlNode* node = find(key);
  if (node == nullptr) return std::nullopt;
  std::optional<std::string> read = text_of(*node, path_of(key), how);
  if (!read || !read->empty()) return read;
  reader_.error(node->place, path_of(key) + ": is empty; fill it or remove the key");
  return std::nullopt;
}

bool MapReader::url(std::string_view key, std::string& option) {
  const auto read = text_with_content(key, expand_url);
  if (read) option = *read;
  const YamlNode* node = peek(key);
  reader_.record(path_of(key), shown_or_null(mask_url(node ? node->text : option)), node);
  return read.has_value();
}

bool MapReader::path(std::string_view key, std::string& option) {
  const auto read = text_with_content(key);
  if (read) option = resolve_path(*read, reader_.folder());
  const YamlNode* node = peek(key);
  reader_.record(path_of(key), node ? shown(*node, option) : shown_or_null(option), node);
  return read.has_value();
}

bool MapReader::boolean(std::string_view key, bool& option) {
  const YamlNode* node = find(key);
  const bool* read = node ? node->value.as_bool() : nullptr;
  if (node && !read) {
    reader_.error(node->place, path_of(key) + ": expected true or false, got " + describe(*node) +
                                   meant_boolean(node->text));
  }
  if (read) option = *read;
  reader_.record(path_of(key), option, node);
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

bool MapReader::integer(std::string_view key, std::int64_t& option, Range<std::int64_t> range) {
  std::optional<std::int64_t> read = option;
  const bool given = integer(key, read, range);
  option = *read;
  return given;
}

bool MapReader::integer(std::string_view key, int& option, Range<int> range) {
  std::int64_t read = option;
  const bool given = integer(key, read, Range<std::int64_t>{range.min, range.max});
  option = static_cast<int>(read);
  return given;
}

bool MapReader::integer(std::string_view key, std::optional<std::int64_t>& option,
                        Range<std::int64_t> range) {
  const YamlNode* node = find(key);
  const auto read = node ? read_integer(*node, path_of(key), range) : std::nullopt;
  if (read) option = read;
  reader_.record(path_of(key), shown(option), node);
  return read.has_value();
}

bool MapReader::limit(std::string_view key, std::string_view none,
                      std::optional<std::int64_t>& option, Range<std::int64_t> range) {
  const YamlNode* node = find(key);
  const std::string* word = node ? node->value.as_string() : nullptr;
  bool read = false;
  if (word && *word == none) {
    option.reset();
    read = true;
  } else if (word && !parse_int(*word)) {
    reader_.error(node->place, path_of(key) + ": expected an integer or '" + std::string(none) +
                                   "', got " + describe(*node));
  } else if (const auto number = node ? read_integer(*node, path_of(key), range) : std::nullopt) {
    option = number;
    read = true;
  }
  reader_.record(path_of(key), option ? Value(*option) : Value(none), node);
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
  // What was filled in may be a secret that went astray.
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

bool MapReader::duration(std::string_view key, Millis& option, Range<Millis> range) {
  std::optional<Millis> read = option;
  const bool given = duration(key, read, range);
  option = *read;
  return given;
}

bool MapReader::duration(std::string_view key, std::optional<Millis>& option, Range<Millis> range) {
  const YamlNode* node = find(key);
  const auto read = node ? read_duration(*node, path_of(key), range) : std::nullopt;
  if (read) option = read;
  const bool secret = node && needs_expansion(node->text);
  reader_.record(path_of(key), secret ? Value(node->text) : shown(option), node);
  return read.has_value();
}

bool MapReader::percent(std::string_view key, double& option) {
  const YamlNode* node = find(key);
  bool given = false;
  if (node && !node->value.as_string()) {
    reader_.error(node->place, path_of(key) + ": expected a percentage like 90%, got " +
                                   describe(*node) +
                                   (node->value.is_number() ? "; write " + node->text + "%" : ""));
  } else if (node) {
    const auto read = parse_percent(node->text);
    if (!read) reader_.error(node->place, path_of(key) + ": " + read.error().message);
    if (read) option = *read;
    given = read.has_value();
  }
  reader_.record(path_of(key), format_double(option) + "%", node);
  return given;
}

bool MapReader::texts(std::string_view key, std::vector<std::string>& option) {
  return read_texts(key, option, false);
}

bool MapReader::command(std::string_view key, std::vector<std::string>& option) {
  const YamlNode* node = find(key);
  if (node == nullptr) {
    reader_.record(path_of(key), nullptr, nullptr);
    return false;
  }
  if (node->value.as_string()) {
    error(key, "expected a list of the program and its arguments, got " + describe(*node) +
                   "; no shell takes it apart");
    return false;
  }
  if (!read_texts(key, option, true)) return false;
  if (!option.empty() && !option.front().empty()) return true;
  error(key, "names no program");
  return false;
}

bool MapReader::read_texts(std::string_view key, std::vector<std::string>& option, bool numbers) {
  const YamlNode* node = find_list(key);
  if (node) option.clear();
  Value::Array recorded;
  bool right = node != nullptr;
  for (std::size_t i = 0; node && i < node->items.size(); ++i) {
    const YamlNode& item = node->items[i];
    if (numbers && item.value.is_number()) {
      option.push_back(item.text);
    } else if (auto read = text_of(item, fmt::format("{}[{}]", path_of(key), i))) {
      option.push_back(*std::move(read));
    } else {
      right = false;
      continue;
    }
    recorded.push_back(shown(item, option.back()));
  }
  if (!node) recorded.assign(option.begin(), option.end());
  reader_.record(path_of(key), std::move(recorded), node);
  return right;
}

std::optional<Condition> MapReader::condition(std::string_view key, const ConditionOptions& options,
                                              const cond::KnownWords& words) {
  const YamlNode* node = find(key);
  reader_.record(path_of(key), node ? Value(node->text) : Value(nullptr), node);
  if (node == nullptr) return std::nullopt;
  if (node->kind != YamlNode::Kind::scalar) {
    reader_.error(node->place, path_of(key) + ": expected a condition, got " + describe(*node));
    return std::nullopt;
  }
  const auto place_of = [&](const Error& error) {
    // `condition:LINE:COLUMN`, see parse_condition.
    const auto parts = split(error.where, ':');
    const auto number = [&](std::size_t i) {
      return static_cast<std::size_t>(
          std::max<std::int64_t>(1, parts.size() > i ? parse_int(parts[i]).value_or(1) : 1));
    };
    return reader_.place_within(*node, number(1), number(2));
  };
  auto parsed = parse_condition(node->text, options);
  if (parsed) {
    std::vector<Error> doubts = lint_condition(node->text, options);
    std::vector<cond::Diagnostic> none;
    for (const auto& found : cond::lint_words(cond::parse(node->text, options, none), words)) {
      doubts.push_back(cond::to_error(node->text, found, ErrorCode::invalid_argument));
    }
    for (const Error& error : doubts) {
      reader_.warn(place_of(error), path_of(key) + ": " + error.message);
    }
    return *std::move(parsed);
  }
  for (const Error& error : check_condition(node->text, options)) {
    reader_.error(place_of(error), path_of(key) + ": " + error.message);
  }
  return std::nullopt;
}

std::optional<std::size_t> MapReader::index_of(std::string_view key,
                                               const std::vector<std::string>& names,
                                               std::size_t current) {
  const YamlNode* node = find(key);
  std::optional<std::size_t> found;
  if (node) {
    const auto name = std::find(names.begin(), names.end(), node->text);
    if (node->kind == YamlNode::Kind::scalar && name != names.end()) {
      found = static_cast<std::size_t>(name - names.begin());
    } else {
      reader_.error(node->place, path_of(key) + ": expected " + one_of(names) + ", got " +
                                     describe(*node) + suggestion(node->text, names));
    }
  }
  const std::size_t effective = found.value_or(current);
  reader_.record(path_of(key), effective < names.size() ? Value(names[effective]) : Value(nullptr),
                 node);
  return found;
}

void MapReader::require(std::string_view key, std::string_view what) {
  required_.emplace(key);
  if (node_ && !has(key)) {
    reader_.error(place_, path_ + ": " + std::string(what) + " needs '" + std::string(key) + "'");
  }
}

void MapReader::error(std::string_view key, std::string message) {
  const YamlNode* node = peek(key);
  reader_.error(node ? node->place : place_,
                (node ? path_of(key) : path_) + ": " + std::move(message));
}

void MapReader::value_error(std::string_view key, std::string message, std::string_view is_wrong) {
  const YamlNode* node = peek(key);
  const bool secret = node && needs_expansion(node->text);
  error(key, secret ? "the text that was filled in " + std::string(is_wrong) : std::move(message));
}

void MapReader::warn(std::string_view key, const std::string& message) {
  const YamlNode* node = peek(key);
  reader_.warn(node ? node->place : place_, (node ? path_of(key) : path_) + ": " + message);
}

void MapReader::finish() {
  if (node_ == nullptr || skipped_) return;
  const std::vector<std::string> known(known_.begin(), known_.end());
  // Where a file has thousands of unknown keys it is not a configuration, and advice takes its
  // time.
  constexpr std::size_t kAdvicesMax = 100;
  std::size_t unknown = 0;
  for (const YamlMember& member : node_->members) {
    if (known_.contains(member.key)) continue;
    const bool advise = unknown++ < kAdvicesMax;
    // What an entry of a list lacks, no section has for it.
    const bool in_list = path_.find('[') != std::string::npos;
    const std::string owner = in_list || !advise ? "" : sections_with(member.key);
    reader_.error(member.place, "unknown key '" + ellipsize(printable(member.key), 60) + "'" +
                                    (path_.empty() ? "" : " in " + path_) +
                                    (!owner.empty() ? "; it belongs " + owner
                                     : advise       ? suggestion(member.key, known)
                                                    : ""));
  }
}

}  // namespace rz
