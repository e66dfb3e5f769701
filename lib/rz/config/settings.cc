#include "rz/config/settings.h"

#include <algorithm>

#include "rz/base/json.h"
#include "rz/base/text.h"
#include "rz/config/yaml.h"

namespace rz::config {
namespace {

// A few long values must not push the comments of all lines far to the right.
constexpr std::size_t kMaxOriginColumn = 48;

/// One step of a path: a key, or the number of an entry.
struct Step {
  std::string key;
  std::optional<std::size_t> index;

  bool operator==(const Step&) const = default;
};

// No key holds a dot or a bracket, and names that users choose are never part of a path, so the
// path can be split at them.
std::vector<Step> steps_of(const std::string& path) {
  std::vector<Step> steps;
  for (std::string_view part : split(path, '.')) {
    const std::size_t bracket = part.find('[');
    steps.push_back({std::string(part.substr(0, bracket)), std::nullopt});
    if (bracket == std::string_view::npos) continue;
    const auto index = parse_int(part.substr(bracket + 1, part.size() - bracket - 2));
    steps.push_back({"", static_cast<std::size_t>(index.value_or(0))});
  }
  return steps;
}

void place_at(Value& root, std::span<const Step> steps, const Value& value) {
  if (steps.empty()) {
    root = value;
  } else if (steps.front().index) {
    if (!root.as_array()) root = Value::array();
    Value::Array& array = *root.as_array();
    array.resize(std::max(array.size(), *steps.front().index + 1));
    place_at(array[*steps.front().index], steps.subspan(1), value);
  } else {
    if (!root.as_object()) root = Value::object();
    if (!root.find(steps.front().key)) root.set(steps.front().key, nullptr);
    Value::Object& object = *root.as_object();
    const auto member = std::find_if(object.begin(), object.end(), [&](const Value::Member& m) {
      return m.first == steps.front().key;
    });
    place_at(member->second, steps.subspan(1), value);
  }
}

bool is_plain(const std::string& text) {
  constexpr std::string_view kSafe = "_./%:@+~-";
  if (text.empty() || !(is_alpha(text[0]) || is_digit(text[0]) || text[0] == '/')) return false;
  return text.back() != ':' && resolve_plain_scalar(text).as_string() &&
         std::all_of(text.begin(), text.end(), [&](char c) {
           return is_alpha(c) || is_digit(c) || kSafe.find(c) != std::string_view::npos;
         });
}

std::string as_yaml(const Value& value) {
  if (const std::string* text = value.as_string()) {
    return is_plain(*text) ? *text : printable(to_json(value));
  }
  std::vector<std::string> parts;
  if (const Value::Array* array = value.as_array()) {
    for (const Value& item : *array) parts.push_back(as_yaml(item));
    return "[" + join(parts, ", ") + "]";
  }
  if (const Value::Object* object = value.as_object()) {
    for (const auto& [key, member] : *object)
      parts.push_back(as_yaml(key) + ": " + as_yaml(member));
    return "{" + join(parts, ", ") + "}";
  }
  return to_json(value);
}

struct Line {
  std::string text;
  std::string origin;  ///< Empty for the key of a section.
};

std::vector<Line> lines_of(const std::vector<Setting>& settings) {
  std::vector<Line> lines;
  std::vector<Step> before;
  for (const Setting& setting : settings) {
    const std::vector<Step> steps = steps_of(setting.path);
    std::size_t at = 0;
    while (at < steps.size() && at < before.size() && steps[at] == before[at]) ++at;
    std::string dash;
    for (; at < steps.size(); ++at) {
      if (steps[at].index) {
        dash = "- ";
        continue;
      }
      const std::size_t indent = 2 * at - dash.size();
      const bool last = at + 1 == steps.size();
      std::string text = std::string(indent, ' ') + std::exchange(dash, "");
      if (last && setting.value.is_null()) text += "# ";
      text += steps[at].key + ":";
      if (last && !setting.value.is_null()) text += " " + as_yaml(setting.value);
      lines.push_back({std::move(text), last ? printable(setting.origin) : ""});
    }
    before = steps;
  }
  return lines;
}

}  // namespace

Value shown_or_null(const std::string& text) { return text.empty() ? Value(nullptr) : Value(text); }

Value nest(const std::vector<Setting>& settings) {
  Value root = Value::object();
  for (const Setting& setting : settings) place_at(root, steps_of(setting.path), setting.value);
  return root;
}

std::vector<std::string> render_settings(const std::vector<Setting>& settings, bool origins) {
  const std::vector<Line> lines = lines_of(settings);
  std::size_t column = 0;
  for (const Line& line : lines) column = std::max(column, display_width(line.text));
  column = std::min(column, kMaxOriginColumn);
  std::vector<std::string> shown;
  for (const Line& line : lines) {
    std::string text = line.text;
    if (origins && !line.origin.empty()) {
      const std::size_t width = display_width(line.text);
      text.append(width < column ? column - width : 0, ' ').append("  # ").append(line.origin);
    }
    shown.push_back(std::move(text));
  }
  return shown;
}

}  // namespace rz::config
