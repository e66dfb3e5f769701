#include "rz/config/filled_in.h"

#include <algorithm>

#include "rz/base/text.h"

namespace rz::config {
namespace {

// Shorter than this it is a port or a word like `db`, and longer than the other it is hardly found
// by chance within another word.
constexpr std::size_t kLeastSecret = 4;
constexpr std::size_t kNoWord = 8;

constexpr std::string_view kCutOff = "…";

bool in_word(char c) { return is_alpha(c) || is_digit(c) || c == '_'; }

// Where `health.checks[0].name: ` ends.
std::size_t end_of_path(std::string_view message) {
  const std::size_t end = message.find(": ");
  if (end == std::string_view::npos) return 0;
  const std::string_view path = message.substr(0, end);
  const bool is_path = std::all_of(path.begin(), path.end(), [](char c) {
    return in_word(c) || c == '.' || c == '[' || c == ']' || c == '-';
  });
  return is_path ? end : 0;
}

// Whether what was found at `at` is the value, and not a part of some word that is alike.
bool is_value(std::string_view message, std::size_t at, std::size_t size) {
  const char before = at > 0 ? message[at - 1] : ' ';
  const char after = at + size < message.size() ? message[at + size] : ' ';
  if (size < kLeastSecret) return before == '\'' && after == '\'';
  return size >= kNoWord || (!in_word(before) && !in_word(after));
}

void replace_all(std::string& message, std::size_t from, std::string_view value,
                 const std::string& reference) {
  for (std::size_t at = message.find(value, from); at != std::string::npos;) {
    const bool found = is_value(message, at, value.size());
    if (found) message.replace(at, value.size(), reference);
    at = message.find(value, at + (found ? reference.size() : 1));
  }
}

// A message may cut a long text off within the value.
void replace_cut_off(std::string& message, std::size_t from, std::string_view value,
                     const std::string& reference) {
  for (std::size_t end = message.find(kCutOff, from); end != std::string::npos;
       end = message.find(kCutOff, end + kCutOff.size())) {
    for (std::size_t size = std::min(value.size(), end - from); size >= kLeastSecret; --size) {
      if (message.compare(end - size, size, value, 0, size) != 0) continue;
      message.replace(end - size, size, reference);
      end += reference.size() - size;
      break;
    }
  }
}

}  // namespace

void FilledIn::add(std::string_view reference, std::string_view value) {
  const auto add_form = [&](std::string form) {
    const auto longest_first = [&](const Filled& each) { return each.value.size() > form.size(); };
    const bool known = std::any_of(values_.begin(), values_.end(),
                                   [&](const Filled& each) { return each.value == form; });
    if (form.empty() || known) return;
    values_.insert(std::partition_point(values_.begin(), values_.end(), longest_first),
                   Filled{std::move(form), std::string(reference)});
  };
  add_form(std::string(value));
  add_form(printable(value));
  add_form(to_lower(value));
}

std::string FilledIn::masked(std::string_view message) const {
  std::string text(message);
  const std::size_t from = end_of_path(text);
  for (const Filled& each : values_) {
    replace_all(text, from, each.value, each.reference);
    replace_cut_off(text, from, each.value, each.reference);
  }
  return text;
}

}  // namespace rz::config
