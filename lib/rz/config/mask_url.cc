#include "rz/config/mask_url.h"

#include "rz/base/text.h"

namespace rz::config {
namespace {

// A reference must be all of the text: a secret may stand beside it.
bool is_reference(std::string_view text) {
  return text.starts_with("${") && text.find('}') == text.size() - 1;
}

std::string masked(std::string_view secret) {
  return is_reference(secret) || secret.empty() ? std::string(secret) : "***";
}

}  // namespace

std::string mask_url(std::string_view text) {
  if (text.starts_with("sqlite:")) return std::string(text);  // A path has no password.
  const std::size_t scheme_end = text.find("://");
  const std::size_t start = scheme_end == std::string_view::npos ? 0 : scheme_end + 3;
  const bool http = equals_ignore_case(text.substr(0, start), "http://") ||
                    equals_ignore_case(text.substr(0, start), "https://");
  // A slash ends the authority of an HTTP URL. In the password of a Redis URL people forget to
  // write it as %2F.
  const std::size_t authority_end = http ? text.find_first_of("/?#", start) : text.size();
  const std::size_t at = text.substr(0, authority_end).rfind('@');
  std::string out(text.substr(0, start));
  std::size_t rest = start;
  if (at != std::string_view::npos && at >= start) {
    const std::string_view user = text.substr(start, at - start);
    const std::size_t colon = user.find(':');
    const bool has_password = colon != std::string_view::npos;
    out += has_password ? std::string(user.substr(0, colon + 1)) + masked(user.substr(colon + 1))
                        : std::string(user);
    rest = at;
  }
  const std::size_t query = http ? text.find('?', rest) : std::string_view::npos;
  out += text.substr(rest, query == std::string_view::npos ? query : query + 1 - rest);
  if (query != std::string_view::npos) out += masked(text.substr(query + 1));
  return out;
}

}  // namespace rz::config
