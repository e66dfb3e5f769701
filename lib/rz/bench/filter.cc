#include "rz/bench/filter.h"

#include <regex.h>

#include <algorithm>
#include <array>
#include <memory>

#include "rz/base/text.h"

namespace rz::bench {
namespace {

constexpr std::size_t kMaxPattern = 256;

using Regex = std::unique_ptr<regex_t, void (*)(regex_t*)>;

void destroy(regex_t* regex) {
  ::regfree(regex);
  delete regex;
}

// POSIX rather than std::regex, which recurses for each character and so can exhaust the stack.
Result<Regex> compile(const std::string& pattern) {
  const std::string place = "--filter";
  if (pattern.size() > kMaxPattern) {
    return fail(ErrorCode::invalid_argument, "the pattern is longer than 256 bytes", place);
  }
  // glibc unrolls intervals: nested ones, as in (a{99}){99}, take all memory.
  if (std::count(pattern.begin(), pattern.end(), '{') > 1) {
    return fail(ErrorCode::invalid_argument, "the pattern has more than one interval {m,n}", place);
  }
  auto regex = std::make_unique<regex_t>();
  if (const int code = ::regcomp(regex.get(), pattern.c_str(), REG_EXTENDED | REG_NOSUB)) {
    std::array<char, 128> text{};
    ::regerror(code, regex.get(), text.data(), text.size());
    return fail(ErrorCode::invalid_argument,
                "'" + pattern + "' is not a regular expression: " + text.data(), place);
  }
  return Regex(regex.release(), destroy);
}

}  // namespace

Result<std::vector<Benchmark>> filter_benchmarks(std::vector<Benchmark> all,
                                                 const std::string& pattern) {
  if (pattern.empty()) return all;
  const auto regex = compile(pattern);
  if (!regex) return fail(regex.error());

  std::vector<std::string> names;
  std::vector<Benchmark> matches;
  for (Benchmark& benchmark : all) {
    names.push_back(benchmark.name);
    if (::regexec(regex->get(), benchmark.name.c_str(), 0, nullptr, 0) == 0) {
      matches.push_back(std::move(benchmark));
    }
  }
  if (matches.empty()) {
    return fail(ErrorCode::not_found,
                "no benchmark matches '" + pattern + "'" + suggestion(pattern, names) +
                    " (rz bench --list names them)",
                "--filter");
  }
  return matches;
}

}  // namespace rz::bench
