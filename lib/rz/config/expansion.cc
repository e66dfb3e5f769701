#include "rz/config/expansion.h"

#include <algorithm>
#include <cstddef>
#include <functional>

#include "rz/base/file.h"
#include "rz/base/percent_encoding.h"
#include "rz/base/text.h"

namespace rz::config {
namespace {

constexpr std::string_view kFilePrefix = "file:";

bool starts_name(char c) { return is_alpha(c) || c == '_'; }
bool continues_name(char c) { return starts_name(c) || is_digit(c); }

Result<std::string> value_of(std::string_view reference, const EnvironmentLookup& environment,
                             const std::string& folder) {
  if (reference.starts_with(kFilePrefix)) {
    const std::string path(reference.substr(kFilePrefix.size()));
    if (path.empty()) return fail(ErrorCode::config, "'${file:}' names no file");
    return read_secret(resolve_path(path, folder));
  }
  if (!is_identifier(reference)) {
    return fail(ErrorCode::config, "'${" + printable(reference) +
                                       "}' is neither ${NAME} nor ${file:PATH}; a $ that stands "
                                       "for itself is written $$");
  }
  auto value = environment(std::string(reference));
  if (value) return *std::move(value);
  return fail(ErrorCode::config,
              "the environment variable '" + std::string(reference) + "' is not set");
}

}  // namespace

bool is_identifier(std::string_view text) {
  return !text.empty() && starts_name(text.front()) &&
         std::all_of(text.begin(), text.end(), continues_name);
}

bool needs_expansion(std::string_view text) { return text.find('$') != std::string_view::npos; }

namespace {

/// Makes of a value the text that is filled in at `position` of the whole text.
using Encode = std::function<std::string(std::string value, std::size_t position)>;

Result<std::string> expand_with(std::string_view text, const EnvironmentLookup& environment,
                                const std::string& folder, FilledIn* filled_in,
                                const Encode& encode) {
  std::string expanded;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char next = text[i] == '$' && i + 1 < text.size() ? text[i + 1] : '\0';
    if (next == '{') {
      const std::size_t end = text.find('}', i);
      if (end == std::string_view::npos) {
        return fail(ErrorCode::config,
                    "a '${' is never closed; a $ that stands for itself is "
                    "written $$");
      }
      auto value = value_of(text.substr(i + 2, end - i - 2), environment, folder);
      if (!value) return fail(std::move(value).error());
      const std::string encoded = encode(*value, i);
      if (filled_in != nullptr) {
        const std::string reference = printable(text.substr(i, end - i + 1));
        filled_in->add(reference, *value);
        filled_in->add(reference, encoded);
      }
      expanded += encoded;
      i = end;
    } else if (next == '$') {
      expanded += '$';
      ++i;
    } else if (starts_name(next)) {
      // `$NAME` is refused rather than kept, since its author expects it to be replaced.
      std::size_t end = i + 1;
      while (end < text.size() && continues_name(text[end])) ++end;
      const std::string name(text.substr(i + 1, end - i - 1));
      return fail(ErrorCode::config, "'$" + name + "' is not replaced; write ${" + name +
                                         "}, or $$ for a $ that stands for itself");
    } else {
      expanded += text[i];
    }
  }
  return expanded;
}

// `text` with every `${…}` overwritten, so that characters in it are not taken for parts of the
// URL.
std::string without_references(std::string_view text) {
  std::string masked(text);
  for (std::size_t i = masked.find("${"); i != std::string::npos; i = masked.find("${", i)) {
    const std::size_t end = std::min(masked.find('}', i), masked.size() - 1);
    std::fill(masked.begin() + static_cast<std::ptrdiff_t>(i),
              masked.begin() + static_cast<std::ptrdiff_t>(end) + 1, 'x');
  }
  return masked;
}

// The parts of a URL. A value that is filled in is percent-encoded for the part that it stands in.
class UrlParts {
 public:
  explicit UrlParts(std::string_view text) {
    const std::string parts = without_references(text);
    const std::size_t mark = parts.find("://");
    known_ = mark != std::string::npos && !text.starts_with("${") &&
             !to_lower(text).starts_with("sqlite:");
    if (!known_) return;
    const std::size_t begin = mark + 3;
    path_ = std::min(parts.find_first_of("/?#", begin), parts.size());
    query_ = std::min(parts.find_first_of("?#", begin), parts.size());
    const std::size_t at = parts.rfind('@', path_);
    host_ = at == std::string::npos || at < begin || at >= path_ ? begin : at + 1;
  }

  std::string encode(const std::string& value, std::size_t position) const {
    constexpr std::string_view kUnreserved = "-._~";
    // In place of the host a value may hold several hosts, ports and a path. Only the characters
    // are encoded that would turn a part of it into userinfo, a query, a fragment or an escape.
    constexpr std::string_view kHost = "-._~:[],/!$&'()*+;= \"<>\\^`{|}";
    constexpr std::string_view kPath = "-._~/:@!$&'()*+,;=";
    if (!known_) return value;
    if (position >= query_ || position < host_) return percent_encode(value, kUnreserved);
    return percent_encode(value, position >= path_ ? kPath : kHost);
  }

 private:
  bool known_ = false;
  std::size_t host_ = 0;
  std::size_t path_ = 0;
  std::size_t query_ = 0;
};

}  // namespace

Result<std::string> expand(std::string_view text, const EnvironmentLookup& environment,
                           const std::string& folder, FilledIn* filled_in) {
  return expand_with(text, environment, folder, filled_in,
                     [](std::string value, std::size_t) { return value; });
}

Result<std::string> expand_url(std::string_view text, const EnvironmentLookup& environment,
                               const std::string& folder, FilledIn* filled_in) {
  const UrlParts parts(text);
  return expand_with(text, environment, folder, filled_in,
                     [&](const std::string& value, std::size_t position) {
                       return parts.encode(value, position);
                     });
}

Result<std::string> read_secret(const std::string& path) {
  auto content = read_file(path, kMaxSecretBytes);
  if (!content) return fail(ErrorCode::config, content.error().message, content.error().where);
  // Editors and `echo` end a file with a line end, which is not a part of the secret.
  if (content->ends_with('\n')) content->pop_back();
  if (content->ends_with('\r')) content->pop_back();
  if (content->empty()) return fail(ErrorCode::config, "the file is empty", path);
  if (content->find('\0') != std::string::npos) {
    return fail(ErrorCode::config, "the file holds a NUL byte", path);
  }
  return content;
}

std::string resolve_path(const std::string& path, const std::string& folder) {
  if (path.empty() || path.front() == '/' || folder.empty()) return path;
  return folder + "/" + path;
}

}  // namespace rz::config
