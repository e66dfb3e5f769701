#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "rz/base/result.h"
#include "rz/config/config.h"
#include "rz/config/filled_in.h"

namespace rz::config {

/// The most that `${file:PATH}` or a password file may hold, in bytes.
inline constexpr std::size_t kMaxSecretBytes = 64 * 1024;

/// Whether `text` is a name: letters, digits and `_`, no digit first.
bool is_identifier(std::string_view text);

/// Whether `text` has anything for expand() to replace.
bool needs_expansion(std::string_view text);

/// `text` with `${NAME}` replaced by the variable of the environment, `${file:PATH}` by the content
/// of the file without a line end at its end, and `$$` by `$`. A `$` before anything but a letter,
/// `_`, `{` or `$` stands for itself. A relative PATH begins in `folder`.
/// Errors: config (a variable that is not set, a file that cannot be read, a wrong form); none of
/// them shows what was filled in. Each value is added to `filled_in`, if that is given.
Result<std::string> expand(std::string_view text, const EnvironmentLookup& environment,
                           const std::string& folder, FilledIn* filled_in = nullptr);

/// expand() for a URL. A value that is filled in is data within the part of the URL that it stands
/// in: characters that would end that part, or that are written as `%XX` in it, are encoded. In
/// place of the host these are only `@ ? # %`. A path of sqlite: has no such parts, and a value
/// that the text begins with, as in `${URL}`, is a URL itself: both are filled in as they are.
Result<std::string> expand_url(std::string_view text, const EnvironmentLookup& environment,
                               const std::string& folder, FilledIn* filled_in = nullptr);

/// The content of a file that holds one secret, without the line end.
/// Errors: config (it cannot be read, is larger than kMaxSecretBytes, is empty, or holds a NUL
/// byte).
Result<std::string> read_secret(const std::string& path);

/// `path` seen from `folder`; as it is if it is absolute or `folder` is empty.
std::string resolve_path(const std::string& path, const std::string& folder);

}  // namespace rz::config
