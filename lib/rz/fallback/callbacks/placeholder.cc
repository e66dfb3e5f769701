#include "rz/fallback/callbacks/placeholder.h"

#include <algorithm>
#include <iterator>

namespace rz::fallback {
namespace {

constexpr std::string_view kNames[] = {"from", "to", "reason", "epoch", "timestamp"};

}  // namespace

std::span<const std::string_view> placeholder_names() { return kNames; }

std::optional<std::string> unknown_placeholder(std::string_view argument) {
  for (std::size_t open = 0; (open = argument.find('{', open)) != std::string_view::npos; ++open) {
    const std::string_view rest = argument.substr(open + 1);
    const std::string_view word = rest.substr(0, rest.find('}'));
    const bool plain = !word.empty() && word.size() < rest.size() &&
                       std::all_of(word.begin(), word.end(),
                                   [](char c) { return (c >= 'a' && c <= 'z') || c == '_'; });
    if (plain && std::find(std::begin(kNames), std::end(kNames), word) == std::end(kNames)) {
      return std::string(word);
    }
  }
  return std::nullopt;
}

}  // namespace rz::fallback
