#pragma once

#include <map>
#include <string>

namespace rz::reports {

/// The reasons of a history for the script of a page, each once. A page stays small however many
/// there are: beyond a bound they are told by their causes, then by `…`.
class ReasonTable {
 public:
  /// Where it has the reason (any bytes), in base 36.
  std::string number(const std::string& reason);
  /// A list of strings.
  std::string json() const { return "[" + json_ + "]"; }

 private:
  std::string text_for(const std::string& reason) const;

  std::string json_{};
  std::map<std::string, std::string> numbers_{};
};

}  // namespace rz::reports
