#pragma once

#include "rz/base/module.h"
#include "rz/base/regex.h"

/// Nullptr if `pattern` is not a regular expression; then `problem` says why. The caller owns what
/// it gets.
extern "C" [[gnu::visibility("default")]] rz::Regex* rz_compile_regex(const std::string& pattern,
                                                                      std::string& problem);

namespace rz {

inline constexpr Module<decltype(rz_compile_regex)> kRegexModule{"regex", "rz_compile_regex",
                                                                 "libre2-9"};

}  // namespace rz
