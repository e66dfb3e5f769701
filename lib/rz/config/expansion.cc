#include "rz/config/expansion.h"

#include <algorithm>

#include "rz/base/file.h"
#include "rz/base/text.h"

namespace rz {
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

Result<std::string> expand(std::string_view text, const EnvironmentLookup& environment,
                           const std::string& folder) {
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
      expanded += *value;
      i = end;
    } else if (next == '$') {
      expanded += '$';
      ++i;
    } else if (starts_name(next)) {
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

Result<std::string> read_secret(const std::string& path) {
  auto content = read_file(path, kMaxSecretBytes);
  if (!content) return fail(ErrorCode::config, content.error().message, content.error().where);
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

}  // namespace rz
