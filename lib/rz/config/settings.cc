#include "rz/config/settings.h"

#include <algorithm>
#include <set>

#include "rz/base/json.h"
#include "rz/base/text.h"
#include "rz/config/sections.h"

namespace rz {
namespace {

constexpr std::size_t kMaxOriginColumn = 48;

/// One step of a path: a key, or the number of an entry.
struct Step {
  std::string key;
  std::optional<std::size_t> index;

  bool operator==(const Step&) const = default;
};

// No key of the file holds a dot or a bracket: names that users choose are never in a path.
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
    for (const auto& [key, member] : *object) parts.push_back(key + ": " + as_yaml(member));
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

std::string without_numbers(const std::string& path) {
  std::string general;
  for (std::size_t i = 0; i < path.size(); ++i) {
    general += path[i];
    if (path[i] == '[') i = path.find(']', i) - 1;
  }
  return general;
}

// A file in which each list has an entry of every kind, and every optional section is there.
std::string sample_of_everything() {
  const auto entries = [](const std::vector<std::string>& types) {
    std::string list;
    for (const std::string& type : types) list += "{type: " + type + "}, ";
    return "[" + list + "]";
  };
  return "health: {checks: " + entries(check_types()) + ", metrics: " + entries(sink_types()) +
         "}\n"
         "fallback: {rules: [{}], actions: [{}], callbacks: {primary: {}, heuristic: {}, safe: {}},"
         " detectors: {primary: {}, heuristic: {}}}\n";
}

}  // namespace

Value nest(const std::vector<Setting>& settings) {
  Value root = Value::object();
  for (const Setting& setting : settings) place_at(root, steps_of(setting.path), setting.value);
  return root;
}

std::string render_settings(const std::vector<Setting>& settings, bool origins) {
  const std::vector<Line> lines = lines_of(settings);
  std::size_t column = 0;
  for (const Line& line : lines) column = std::max(column, display_width(line.text));
  column = std::min(column, kMaxOriginColumn);
  std::string text;
  for (const Line& line : lines) {
    text += line.text;
    if (origins && !line.origin.empty()) {
      const std::size_t width = display_width(line.text);
      text.append(width < column ? column - width : 0, ' ').append("  # ").append(line.origin);
    }
    text += '\n';
  }
  return text;
}

std::vector<Setting> known_settings() {
  const std::string text = sample_of_everything();
  const EnvironmentLookup nothing = [](const std::string&) { return std::nullopt; };
  const std::string name;
  Reader reader(name, text, nothing);
  const YamlDocument document = read_yaml(text);
  MapReader root(reader, &document.root, "", {});
  Config config;
  read_config(root, config);
  std::set<std::string> seen;
  std::vector<Setting> known;
  for (Setting& setting : reader.take_settings()) {
    setting.path = without_numbers(setting.path);
    if (setting.origin != "default") setting.value = nullptr;
    if (seen.insert(setting.path).second) known.push_back(std::move(setting));
  }
  return known;
}

std::string sections_with(std::string_view key) {
  std::vector<std::string> sections;
  for (const Setting& setting : known_settings()) {
    // What an entry of a list takes depends on its type.
    const std::string_view path = std::string_view(setting.path).substr(0, setting.path.find('['));
    std::string parent;
    for (std::string_view piece : split(path, '.')) {
      const std::string section = parent.empty() ? "at the top" : "under '" + parent + "'";
      const bool known = std::find(sections.begin(), sections.end(), section) != sections.end();
      if (piece == key && !known) sections.push_back(section);
      parent.append(parent.empty() ? "" : ".").append(piece);
    }
  }
  // Of so many none is the right one.
  return sections.size() > 3 ? "" : join(sections, " or ");
}

}  // namespace rz
