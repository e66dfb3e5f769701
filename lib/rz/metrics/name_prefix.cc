#include "rz/metrics/name_prefix.h"

#include <algorithm>

#include "rz/base/text.h"

namespace rz::metrics {
namespace {

bool begins_a_name(const std::string& prefix, NameSeparator separator) {
  const bool dots = separator == NameSeparator::dot_or_underscore;
  return prefix.empty() ||
         (!is_digit(prefix.front()) && std::all_of(prefix.begin(), prefix.end(), [&](char c) {
           return is_alpha(c) || is_digit(c) || c == '_' || (dots && c == '.');
         }));
}

}  // namespace

void visit_prefix(FieldVisitor& fields, std::string& prefix, NameSeparator separator) {
  fields.text({"prefix", "What stands before every name; empty: nothing."}, prefix);
  if (begins_a_name(prefix, separator)) return;
  fields.value_error(
      "prefix",
      separator == NameSeparator::underscore
          ? "is not the beginning of a name; write it like rz_, of letters, digits and _"
          : "is not the beginning of a name; write it like rz., of letters, digits, _ "
            "and .",
      "is not the beginning of a name");
}

}  // namespace rz::metrics
