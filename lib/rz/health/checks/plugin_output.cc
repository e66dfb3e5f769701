#include "rz/health/checks/plugin_output.h"

#include <algorithm>
#include <array>
#include <optional>
#include <vector>

#include "rz/base/text.h"

namespace rz::health {
namespace {

/// All that stands behind a `|`: of the first line, and of the lines from the second `|` on.
std::string perfdata_of(std::string_view output) {
  std::string perfdata;
  bool in_text = false;
  std::size_t number = 0;
  for (const std::string_view line : split(output, '\n')) {
    const std::size_t bar = line.find('|');
    if (number++ == 0) {
      if (bar != std::string_view::npos) perfdata = line.substr(bar + 1);
      in_text = true;
      continue;
    }
    if (in_text && bar == std::string_view::npos) continue;
    perfdata.append(" ").append(in_text ? line.substr(bar + 1) : line);
    in_text = false;
  }
  return perfdata;
}

/// Takes the label and its `=` off the front of `rest`: in single quotes, where two of them stand
/// for one, or up to the `=`. Nothing, and `rest` is behind the next blank, if there is none.
std::optional<std::string> take_label(std::string_view& rest) {
  std::string label;
  std::size_t at = 0;
  if (rest.starts_with('\'')) {
    for (at = 1; at < rest.size(); ++at) {
      const bool doubled = rest.substr(at, 2) == "''";
      if (rest[at] == '\'' && !doubled) break;
      label += rest[at];
      if (doubled) ++at;
    }
    ++at;
  } else {
    while (at < rest.size() && rest[at] != '=' && !is_space(rest[at])) label += rest[at++];
  }
  if (at >= rest.size() || rest[at] != '=' || label.empty()) {
    while (at < rest.size() && !is_space(rest[at])) ++at;
    rest.remove_prefix(std::min(at, rest.size()));
    return std::nullopt;
  }
  rest.remove_prefix(at + 1);
  return label;
}

/// How many characters of `text` are a number. An exponent is one of them, though the guidelines
/// know none: what prints doubles writes it of large and of small ones.
std::size_t number_length(std::string_view text) {
  constexpr std::string_view kDigits = "0123456789";
  const std::size_t mantissa = std::min(text.find_first_not_of("+-.0123456789"), text.size());
  if (mantissa == 0 || mantissa == text.size()) return mantissa;
  if (text[mantissa] != 'e' && text[mantissa] != 'E') return mantissa;
  std::size_t at = mantissa + 1;
  if (at < text.size() && (text[at] == '+' || text[at] == '-')) ++at;
  const std::size_t end = std::min(text.find_first_not_of(kDigits, at), text.size());
  return end > at ? end : mantissa;
}

/// `12.5MB;warning;critical;min;max` as an object; nothing if it does not begin with a number.
std::optional<Value> parse_item(std::string_view text) {
  static constexpr std::array<const char*, 5> kNames = {"value", "warning", "critical", "min",
                                                        "max"};
  Value item = Value::object();
  const auto parts = split(text, ';');
  const std::string_view first = parts.front();
  const std::size_t digits = number_length(first);
  const auto number = parse_double(first.substr(0, digits));
  // What is left of `1,5` or `0x10` is no unit, and the number another one than was meant.
  if (number && first.find_first_of("0123456789,.", digits) != std::string_view::npos) {
    return std::nullopt;
  }
  if (!number && first != "U") return std::nullopt;
  item.set("value", number ? Value(*number) : Value(nullptr));
  if (number && digits < first.size()) item.set("unit", first.substr(digits));
  for (std::size_t i = 1; i < std::min(parts.size(), kNames.size()); ++i) {
    if (parts[i].empty()) continue;
    const auto bound = i >= 3 ? parse_double(parts[i]) : std::nullopt;
    item.set(kNames[i], bound ? Value(*bound) : Value(parts[i]));
  }
  return item;
}

}  // namespace

PluginOutput parse_plugin_output(std::string_view output) {
  PluginOutput parsed;
  const std::string_view first = output.substr(0, output.find('\n'));
  parsed.text = trim(first.substr(0, first.find('|')));
  const std::string perfdata = perfdata_of(output);
  std::string_view rest = trim(perfdata);
  while (!rest.empty()) {
    const auto label = take_label(rest);
    std::size_t end = 0;
    while (end < rest.size() && !is_space(rest[end])) ++end;
    const auto item = label ? parse_item(rest.substr(0, end)) : std::nullopt;
    if (item) parsed.perfdata.set(*label, *item);
    rest = trim(rest.substr(end));
  }
  return parsed;
}

}  // namespace rz::health
