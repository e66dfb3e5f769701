#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "rz/base/field_visitor.h"
#include "rz/base/value.h"

namespace rz::config {

/// One thing that is wrong with a text, and where.
struct Diagnostic {
  Place place;
  std::string message;  ///< May have further lines: a condition and its caret.
};

struct YamlMember;

/// A node of a YAML document, with what a message about it needs.
struct YamlNode {
  enum class Kind { scalar, sequence, mapping };

  Kind kind = Kind::scalar;
  Place place;
  std::size_t offset = 0;  ///< In bytes, of the text given to read_yaml.
  std::string text;        ///< Of a scalar: as written, without its quotes and escapes.
  Value value;             ///< Of a scalar: what the core schema of YAML 1.2 makes of it.
  bool invalid = false;    ///< It has a diagnostic, and its content must not be used.
  std::vector<YamlNode> items;
  std::vector<YamlMember> members;  ///< In the order of the file; no key twice.

  bool is_null() const { return kind == Kind::scalar && value.is_null(); }
};

struct YamlMember {
  std::string key;
  Place place;
  YamlNode value;
};

struct YamlDocument {
  YamlNode root;                        ///< null for an empty document.
  std::vector<Diagnostic> diagnostics;  ///< In the order in which they were found.
  bool complete = false;  ///< It was read to its end; otherwise `root` must not be used.
};

/// The largest YAML text that is read, in bytes.
inline constexpr std::size_t kMaxYamlBytes = 1024 * 1024;

/// Reads one YAML document. Diagnostics: what yaml-cpp refuses; a text that is not UTF-8, holds
/// control characters or is larger than kMaxYamlBytes; equal keys in one mapping; aliases; tags
/// other than those of the core schema; a second document; more than 200 levels; a yaml-cpp that
/// cannot be loaded. Linear in the length of the text. The first call loads yaml-cpp.
YamlDocument read_yaml(std::string_view text);

/// The value of a plain scalar by the core schema of YAML 1.2: null, a boolean (`true True TRUE`,
/// and so for false; never `yes` or `on`), an integer (also `0o17 0x1F`), a number (also `.inf
/// .nan`) or a string. An integer beyond int64 becomes double if it is that exactly; otherwise it
/// stays a string.
Value resolve_plain_scalar(std::string_view text);

}  // namespace rz::config
