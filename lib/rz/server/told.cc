#include "rz/server/told.h"

#include <algorithm>
#include <string_view>

#include "rz/base/text.h"

namespace rz::server {
namespace {

// How many bytes of `text` are a duration such as `3m` or `1.5s`; 0: it does not begin with one.
std::size_t duration_size(std::string_view text) {
  std::size_t size = 0;
  while (size < text.size() && (is_digit(text[size]) || text[size] == '.')) ++size;
  if (size == 0) return 0;
  for (const std::string_view unit : {"ms", "us", "s", "m", "h", "d"}) {
    if (!text.substr(size).starts_with(unit)) continue;
    const std::size_t end = size + unit.size();
    if (end == text.size() || !(is_alpha(text[end]) || is_digit(text[end]))) return end;
  }
  return 0;
}

// `no answer for 3m 5s` becomes `no answer for #`.
std::string without_durations(std::string_view text) {
  std::string key;
  for (std::size_t i = 0; i < text.size();) {
    const bool begins_word = i == 0 || !(is_alpha(text[i - 1]) || is_digit(text[i - 1]));
    const std::size_t size = begins_word ? duration_size(text.substr(i)) : 0;
    if (size == 0) {
      key += text[i++];
      continue;
    }
    if (key.ends_with("# ")) key.resize(key.size() - 2);
    key += '#';
    i += size;
  }
  return key;
}

}  // namespace

void ToldOnce::say(const Notice& notice) {
  const auto [known, is_new] = known_.try_emplace(without_durations(notice.what));
  known->second.met = true;
  if (!is_new) return;
  known->second.what = notice.what;
  tell_(notice);
}

void ToldOnce::end_round() {
  for (auto each = known_.begin(); each != known_.end();) {
    Known& known = each->second;
    known.rounds += known.met ? 1 : 0;
    known.quiet_rounds = known.met ? 0 : known.quiet_rounds + 1;
    known.met = false;
    if (known.quiet_rounds < kQuietRounds) {
      ++each;
      continue;
    }
    if (known.rounds > 1) {
      tell_({Notice::Severity::note,
             "no longer, after " + std::to_string(known.rounds) + " refreshes: " + known.what});
    }
    each = known_.erase(each);
  }
}

}  // namespace rz::server
