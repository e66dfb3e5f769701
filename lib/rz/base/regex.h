#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "rz/base/result.h"

namespace rz {

/// A compiled regular expression in the syntax of RE2. Its time is linear in the text, whatever the
/// text is, so what a server sends cannot hold up a search. Thread-safe.
class Regex {
 public:
  /// Where in the text it matched.
  struct Match {
    std::size_t begin = 0;
    std::size_t end = 0;
  };

  virtual ~Regex() = default;

  /// The first match, the longest to the left as Perl finds it.
  virtual std::optional<Match> find(std::string_view text) const = 0;
};

/// Compiles `pattern`, in which `^` and `$` are the begin and the end of a line. The first call
/// loads RE2.
/// Errors: parse (not a regular expression), unavailable with own_side (RE2 is missing).
Result<std::unique_ptr<Regex>> compile_regex(const std::string& pattern);

}  // namespace rz
