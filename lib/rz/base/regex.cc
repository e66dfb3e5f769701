#include "rz/base/regex.h"

#include <utility>

#include "rz/base/regex_module.h"

namespace rz {

Result<std::unique_ptr<Regex>> compile_regex(const std::string& pattern) {
  const auto compile = load_module(kRegexModule);
  if (!compile) return fail_own_side(compile.error().code, compile.error().message);
  std::string problem;
  std::unique_ptr<Regex> regex((*compile)(pattern, problem));
  if (!regex) return fail(ErrorCode::parse, "is not a regular expression: " + problem);
  return regex;
}

}  // namespace rz
