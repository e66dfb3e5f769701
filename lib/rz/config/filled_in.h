#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace rz::config {

/// What was filled into the texts of a configuration, and the references that stand for it there.
/// Any of it may be a password, or a secret in the wrong place, so messages show the reference.
class FilledIn {
 public:
  /// `reference` is as the file has it, `${NAME}`.
  void add(std::string_view reference, std::string_view value);

  /// `message` with the reference in place of each value, also of one that the message cut off with
  /// `…`. A value of less than four bytes is no secret and may be a part of any word: it is only
  /// replaced between quotes. The path of a key that the message begins with is left as it is.
  std::string masked(std::string_view message) const;

  bool empty() const { return values_.empty(); }

 private:
  struct Filled {
    std::string value;
    std::string reference;
  };
  std::vector<Filled> values_;  ///< The longest first.
};

}  // namespace rz::config
