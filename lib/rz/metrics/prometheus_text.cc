#include "rz/metrics/prometheus_text.h"

#include <algorithm>
#include <limits>
#include <map>
#include <optional>

#include "rz/base/text.h"

namespace rz::metrics {
namespace {

bool is_name_byte(char c) { return is_alpha(c) || is_digit(c) || c == '_' || c == ':'; }

bool is_name(std::string_view text) {
  return !text.empty() && !is_digit(text.front()) &&
         std::all_of(text.begin(), text.end(), is_name_byte);
}

std::optional<double> value_of(std::string_view text) {
  if (text == "+Inf" || text == "Inf") return std::numeric_limits<double>::infinity();
  if (text == "-Inf") return -std::numeric_limits<double>::infinity();
  if (text == "NaN" || text == "Nan") return std::numeric_limits<double>::quiet_NaN();
  return parse_double(text);
}

std::string_view take_word(std::string_view& text) {
  const std::size_t end = std::min(text.find(' '), text.size());
  const std::string_view word = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return word;
}

// Where the series that begins `line` ends: behind its name, or behind its labels. npos: nowhere.
std::size_t end_of_series(std::string_view line) {
  std::size_t at = 0;
  while (at < line.size() && is_name_byte(line[at])) ++at;
  if (at == line.size() || line[at] != '{') return at;
  bool quoted = false;
  for (++at; at < line.size(); ++at) {
    if (quoted && line[at] == '\\') {
      ++at;
    } else if (line[at] == '"') {
      quoted = !quoted;
    } else if (!quoted && line[at] == '}') {
      return at + 1;
    }
  }
  return std::string_view::npos;
}

std::string_view name_of(std::string_view series) { return series.substr(0, series.find('{')); }

/// Whether a sample of that name belongs to the family.
bool has_sample(const PrometheusFamily& family, std::string_view name) {
  if (!name.starts_with(family.name)) return false;
  const std::string_view rest = name.substr(family.name.size());
  if (rest.empty()) return true;
  const bool parts = family.kind == "histogram" || family.kind == "summary";
  return parts && (rest == "_count" || rest == "_sum" || rest == "_bucket");
}

class Parser {
 public:
  bool take(std::string_view line) {
    if (line.empty()) return true;
    return line.front() == '#' ? take_comment(line) : take_sample(line);
  }

  std::vector<PrometheusFamily> families;

 private:
  bool take_comment(std::string_view line) {
    std::string_view rest = line.substr(1);
    if (rest.starts_with(' ')) rest.remove_prefix(1);
    const std::string_view word = take_word(rest);
    if (word != "HELP" && word != "TYPE") return true;  // A comment for people.
    const std::string name(take_word(rest));
    if (!is_name(name)) return false;
    if (families.empty() || families.back().name != name) {
      if (!begin(name)) return false;
    }
    PrometheusFamily& family = families.back();
    if (word == "TYPE" && !family.samples.empty()) return false;
    (word == "HELP" ? family.help : family.kind) = rest;
    return true;
  }

  bool take_sample(std::string_view line) {
    const std::size_t end = end_of_series(line);
    if (end == std::string_view::npos || end >= line.size() || line[end] != ' ') return false;
    const std::string_view series = line.substr(0, end);
    const std::string_view value = line.substr(end + 1);
    const std::string_view name = name_of(series);
    if (!is_name(name) || !value_of(value)) return false;
    if (families.empty() || !has_sample(families.back(), name)) {
      if (!begin(std::string(name))) return false;
    }
    families.back().samples.emplace_back(series, value);
    return true;
  }

  // False for a family that was there before.
  bool begin(const std::string& name) {
    if (!names_.insert(name).second) return false;
    families.emplace_back().name = name;
    return true;
  }

  std::set<std::string> names_;
};

// An earlier rz may have written the histogram with other bounds; such buckets cannot be added.
bool same_layout(const PrometheusFamily& before, const PrometheusFamily& now) {
  if (before.kind != now.kind) return false;
  if (now.kind != "histogram") return true;
  const auto bounds = [](const PrometheusFamily& family) {
    std::set<std::string> found;
    for (const auto& [series, value] : family.samples) {
      const std::size_t le = series.rfind("le=\"");
      if (name_of(series).ends_with("_bucket") && le != std::string::npos) {
        found.insert(series.substr(le));
      }
    }
    return found;
  };
  return bounds(before) == bounds(now);
}

void add_up(PrometheusFamily& family, const PrometheusFamily& now, bool total,
            const std::map<std::string_view, double>& told) {
  std::map<std::string, std::size_t> places;
  for (std::size_t i = 0; i < family.samples.size(); ++i) places[family.samples[i].first] = i;
  family.help = now.help;
  for (const auto& [series, text] : now.samples) {
    const auto place = places.find(series);
    const auto known = told.find(series);
    if (place == places.end()) {
      family.samples.emplace_back(series, text);
      continue;
    }
    std::string& stored = family.samples[place->second].second;
    const double before = value_of(stored).value_or(0);
    const double value = value_of(text).value_or(0);
    const double added = value - (known == told.end() ? 0 : known->second);
    // Written only if it changes, so that reading and writing it loses no digit.
    const double sum = total ? std::max(before, value) : before + added;
    if (sum != before) stored = sum == value ? text : format_double(sum);
  }
}

}  // namespace

Result<std::vector<PrometheusFamily>> parse_prometheus_text(std::string_view text) {
  Parser parser;
  for (std::size_t number = 1; !text.empty(); ++number) {
    const std::size_t end = text.find('\n');
    const bool taken = end != std::string_view::npos && parser.take(text.substr(0, end));
    if (!taken) {
      return fail(ErrorCode::parse, "is not in Prometheus' text format",
                  "line " + std::to_string(number));
    }
    text.remove_prefix(end + 1);
  }
  return std::move(parser.families);
}

std::string to_prometheus_text(const std::vector<PrometheusFamily>& families) {
  std::vector<const PrometheusFamily*> sorted;
  for (const PrometheusFamily& family : families) sorted.push_back(&family);
  std::sort(sorted.begin(), sorted.end(),
            [](const auto* a, const auto* b) { return a->name < b->name; });
  std::string text;
  for (const PrometheusFamily* family : sorted) {
    if (!family->help.empty()) text += "# HELP " + family->name + " " + family->help + "\n";
    text += "# TYPE " + family->name + " " + family->kind + "\n";
    for (const auto& [series, value] : family->samples) text += series + " " + value + "\n";
  }
  return text;
}

void merge(std::vector<PrometheusFamily>& families, const PrometheusUpdate& update) {
  std::map<std::string_view, double> told;
  for (const auto& [series, value] : update.told) told[series] = value_of(value).value_or(0);
  for (const PrometheusFamily& now : update.families) {
    const auto before =
        std::find_if(families.begin(), families.end(),
                     [&](const PrometheusFamily& family) { return family.name == now.name; });
    if (before == families.end()) {
      families.push_back(now);
    } else if (now.kind == "gauge" || !same_layout(*before, now)) {
      *before = now;
    } else {
      add_up(*before, now, update.totals.contains(now.name), told);
    }
  }
}

}  // namespace rz::metrics
