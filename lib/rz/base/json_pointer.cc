#include "rz/base/json_pointer.h"

#include <string>

#include "rz/base/text.h"

namespace rz {
namespace {

std::string unescaped(std::string_view part) {
  std::string text;
  for (std::size_t i = 0; i < part.size(); ++i) {
    const bool escape = part[i] == '~' && i + 1 < part.size();
    text += !escape ? part[i] : part[i + 1] == '1' ? '/' : '~';
    if (escape) ++i;
  }
  return text;
}

// An index has no sign and no leading zero, so that each member has one name.
const Value* find_in_array(const Value::Array& items, std::string_view part) {
  const auto index = parse_int(part);
  const bool canonical = index && std::to_string(*index) == part && *index >= 0;
  if (!canonical || static_cast<std::size_t>(*index) >= items.size()) return nullptr;
  return &items[static_cast<std::size_t>(*index)];
}

}  // namespace

bool is_json_pointer(std::string_view text) {
  if (!text.empty() && text.front() != '/') return false;
  for (std::size_t i = text.find('~'); i != std::string_view::npos; i = text.find('~', i + 1)) {
    if (i + 1 == text.size() || (text[i + 1] != '0' && text[i + 1] != '1')) return false;
  }
  return true;
}

const Value* find_at(const Value& document, std::string_view pointer) {
  const Value* at = &document;
  while (at != nullptr && !pointer.empty()) {
    pointer.remove_prefix(1);
    const std::string_view part = pointer.substr(0, pointer.find('/'));
    pointer.remove_prefix(part.size());
    const auto* items = at->as_array();
    at = items != nullptr ? find_in_array(*items, part) : at->find(unescaped(part));
  }
  return at;
}

}  // namespace rz
