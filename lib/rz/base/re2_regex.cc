// The module `regex`: Regex on RE2.

#include <re2/re2.h>

#include "rz/base/regex_module.h"

namespace rz {
namespace {

class Re2Regex final : public Regex {
 public:
  explicit Re2Regex(const std::string& pattern) : regex_(kLines + pattern, options()) {}

  /// Why the pattern is not one; empty if it is.
  std::string problem() const {
    if (regex_.ok()) return "";
    // It quotes the whole pattern.
    std::string text = regex_.error();
    if (const std::size_t at = text.find(kLines); at != std::string::npos) {
      text.erase(at, std::string_view(kLines).size());
    }
    return text;
  }

  std::optional<Match> find(std::string_view text) const override {
    const re2::StringPiece all(text.data(), text.size());
    re2::StringPiece found;
    if (!regex_.Match(all, 0, text.size(), re2::RE2::UNANCHORED, &found, 1)) return std::nullopt;
    const auto begin = static_cast<std::size_t>(found.data() - text.data());
    return Match{begin, begin + found.size()};
  }

 private:
  static constexpr const char* kLines = "(?m)";

  static re2::RE2::Options options() {
    re2::RE2::Options options;
    options.set_log_errors(false);  // It would write to standard error.
    return options;
  }

  re2::RE2 regex_;
};

}  // namespace
}  // namespace rz

extern "C" rz::Regex* rz_compile_regex(const std::string& pattern, std::string& problem) {
  auto regex = std::make_unique<rz::Re2Regex>(pattern);
  problem = regex->problem();
  return problem.empty() ? regex.release() : nullptr;
}
