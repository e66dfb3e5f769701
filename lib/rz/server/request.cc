#include "rz/server/request.h"

#include <algorithm>

#include "rz/base/percent_encoding.h"
#include "rz/base/text.h"

namespace rz::server {
namespace {

// In a query a plus stands for a blank.
std::optional<std::string> decode_query(std::string_view text) {
  std::string with_blanks(text);
  std::replace(with_blanks.begin(), with_blanks.end(), '+', ' ');
  return percent_decode(with_blanks);
}

std::string_view without_scheme_and_host(std::string_view target) {
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (target.size() < scheme.size() ||
        !equals_ignore_case(target.substr(0, scheme.size()), scheme)) {
      continue;
    }
    target.remove_prefix(scheme.size());
    const std::size_t path = target.find_first_of("/?");
    return path == std::string_view::npos ? "/" : target.substr(path);
  }
  return target;
}

// How much a range of Accept, such as `text/*;q=0.5`, wants `type`: its weight, and how exactly it
// names the type. Nothing if it is about others.
struct Wish {
  int exactness = -1;
  double weight = 0;
};

std::optional<Wish> wish_of(std::string_view range, std::string_view type) {
  const std::vector<std::string_view> parts = split(range, ';');
  const std::string_view named = trim(parts.front());
  Wish wish;
  if (equals_ignore_case(named, type)) {
    wish.exactness = 2;
  } else if (named.ends_with("/*") && named != "*/*" &&
             equals_ignore_case(named.substr(0, named.size() - 1),
                                type.substr(0, std::min(type.size(), named.size() - 1)))) {
    wish.exactness = 1;
  } else if (named == "*/*") {
    wish.exactness = 0;
  } else {
    return std::nullopt;
  }
  wish.weight = 1;
  for (std::size_t i = 1; i < parts.size(); ++i) {
    const std::string_view parameter = trim(parts[i]);
    if (parameter.size() < 2 || to_lower(parameter[0]) != 'q' || parameter[1] != '=') continue;
    wish.weight = std::clamp(parse_double(parameter.substr(2)).value_or(0), 0.0, 1.0);
  }
  return wish;
}

double weight_of(std::string_view accept, std::string_view type) {
  Wish best;
  for (const std::string_view range : split(accept, ',')) {
    const auto wish = wish_of(range, type);
    if (wish && wish->exactness > best.exactness) best = *wish;
  }
  return best.weight;
}

}  // namespace

Answer make_answer(int status, std::string_view content_type, std::string body) {
  return {.status = status,
          .content_type = std::string(content_type),
          .body = std::make_shared<const std::string>(std::move(body))};
}

Answer text_answer(int status, std::string line) {
  return make_answer(status, kPlainText, std::move(line) + "\n");
}

bool Target::has(std::string_view key) const {
  return std::any_of(query.begin(), query.end(),
                     [&](const auto& each) { return each.first == key; });
}

std::vector<std::string> Target::all(std::string_view key) const {
  std::vector<std::string> values;
  for (const auto& [name, value] : query) {
    if (name == key) values.push_back(value);
  }
  return values;
}

std::optional<Target> parse_target(std::string_view target) {
  target = without_scheme_and_host(target);
  target = target.substr(0, target.find('#'));
  const std::size_t mark = std::min(target.find('?'), target.size());
  Target parsed{std::string(target.substr(0, mark)), {}};
  if (parsed.path.empty()) parsed.path = "/";
  if (parsed.path.front() != '/') return std::nullopt;
  if (mark == target.size()) return parsed;
  for (const std::string_view pair : split(target.substr(mark + 1), '&')) {
    if (pair.empty()) continue;
    const std::size_t equals = std::min(pair.find('='), pair.size());
    auto key = decode_query(pair.substr(0, equals));
    auto value = decode_query(pair.substr(std::min(equals + 1, pair.size())));
    if (!key || !value) return std::nullopt;
    parsed.query.emplace_back(*std::move(key), *std::move(value));
  }
  return parsed;
}

std::size_t preferred_type(std::string_view accept, const std::vector<std::string_view>& offers) {
  std::size_t best = 0;
  double best_weight = 0;
  for (std::size_t i = 0; i < offers.size(); ++i) {
    const double weight = weight_of(accept, offers[i]);
    if (weight > best_weight) {
      best = i;
      best_weight = weight;
    }
  }
  return best;
}

bool shows_token(std::string_view authorization, std::string_view token) {
  constexpr std::string_view kScheme = "bearer ";
  if (token.empty() || authorization.size() < kScheme.size()) return false;
  if (!equals_ignore_case(authorization.substr(0, kScheme.size()), kScheme)) return false;
  const std::string_view shown = trim(authorization.substr(kScheme.size()));
  if (shown.empty()) return false;
  // Every byte that was sent is looked at, and nothing depends on where the first difference is.
  volatile unsigned char different = shown.size() == token.size() ? 0 : 1;
  for (std::size_t i = 0; i < shown.size(); ++i) {
    const auto sent = static_cast<unsigned char>(shown[i]);
    const auto expected = static_cast<unsigned char>(token[i % token.size()]);
    different = static_cast<unsigned char>(different | (sent ^ expected));
  }
  return different == 0;
}

}  // namespace rz::server
