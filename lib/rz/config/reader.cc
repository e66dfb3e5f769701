#include "rz/config/reader.h"

#include <fmt/format.h>

#include <algorithm>

#include "rz/base/text.h"

namespace rz::config {
namespace {

std::string folder_of(const std::string& file) {
  const std::size_t slash = file.rfind('/');
  if (slash == std::string::npos) return "";
  return slash == 0 ? "/" : file.substr(0, slash);
}

std::string_view nth_line(std::string_view text, std::size_t n) {
  for (; n > 1; --n) {
    const std::size_t newline = text.find('\n');
    if (newline == std::string_view::npos) return {};
    text.remove_prefix(newline + 1);
  }
  return text.substr(0, text.find('\n'));
}

}  // namespace

Reader::Reader(const std::string& name, std::string_view text, const EnvironmentLookup& environment)
    : name_(name), text_(text), environment_(environment), folder_(folder_of(name)) {}

std::string Reader::at(Place place) const {
  return fmt::format("{}:{}:{}", name_, place.line, place.column);
}

void Reader::error(Place place, std::string message) {
  diagnostics_.push_back({place, std::move(message)});
}

void Reader::warn(Place place, const std::string& message) {
  warnings_.push_back({place, message});
}

void Reader::record(std::string path, Value value, const YamlNode* from) {
  record(std::move(path), std::move(value),
         from ? fmt::format("{}:{}", name_, from->place.line) : std::string("default"));
}

void Reader::record(std::string path, Value value, std::string origin) {
  settings_.push_back({std::move(path), std::move(value), std::move(origin)});
}

Place Reader::place_within(const YamlNode& scalar, std::size_t line, std::size_t column) const {
  const std::string_view rest = text_.substr(std::min(scalar.offset, text_.size()));
  if (rest.starts_with('|') || rest.starts_with('>')) {
    // Line N of a block scalar is N lines below its header, unless lines before it were folded.
    const std::string_view there = nth_line(rest, line + 1);
    const std::size_t indent = std::min(there.find_first_not_of(' '), there.size());
    std::string_view wanted = nth_line(scalar.text, line);
    const std::size_t inner = std::min(wanted.find_first_not_of(' '), wanted.size());
    wanted.remove_prefix(inner);
    if (trim(there) != trim(wanted)) return scalar.place;
    return {scalar.place.line + line, indent - std::min(indent, inner) + column};
  }
  const std::size_t quote = rest.starts_with('"') || rest.starts_with('\'') ? 1 : 0;
  if (line != 1 || rest.substr(quote, scalar.text.size()) != scalar.text) return scalar.place;
  return {scalar.place.line, scalar.place.column + quote + column - 1};
}

void Reader::outrank_last(std::string origin) {
  settings_.back().value = nullptr;
  settings_.back().origin = std::move(origin);
}

std::vector<Error> Reader::take_errors() {
  std::stable_sort(diagnostics_.begin(), diagnostics_.end(),
                   [](const Diagnostic& a, const Diagnostic& b) { return a.place < b.place; });
  std::vector<Error> errors;
  errors.reserve(diagnostics_.size());
  for (Diagnostic& diagnostic : std::exchange(diagnostics_, {})) {
    errors.push_back(
        {ErrorCode::config, filled_in_.masked(diagnostic.message), at(diagnostic.place)});
  }
  return errors;
}

Notices Reader::take_notices() {
  Notices notices;
  for (const Diagnostic& warning : std::exchange(warnings_, {})) {
    notices.warn(at(warning.place) + ": " + filled_in_.masked(warning.message));
  }
  return notices;
}

std::string describe(const YamlNode& node) {
  if (node.kind == YamlNode::Kind::sequence) return "a list";
  if (node.kind == YamlNode::Kind::mapping) return "a mapping";
  if (node.is_null()) return "nothing";
  const std::string text = ellipsize(printable(node.text), 60);
  // An integer beyond 64 bits is read as a text, so that it is not rounded. It was meant as a
  // number, so it is shown as one.
  const bool integer =
      !node.text.empty() && is_digit(node.text.back()) && !parse_int(node.text) &&
      node.text.find_first_not_of("0123456789", node.text.front() == '-') == std::string::npos;
  return node.value.as_string() && !integer ? "the text '" + text + "'" : text;
}

}  // namespace rz::config
