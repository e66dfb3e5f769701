#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "rz/base/result.h"
#include "rz/config/config.h"

namespace rz {

/// The most that `${file:PATH}` or a password file may hold, in bytes.
inline constexpr std::size_t kMaxSecretBytes = 64 * 1024;

/// Whether `text` is a name: letters, digits and `_`, no digit first.
bool is_identifier(std::string_view text);

/// Whether `text` has anything for expand() to replace.
bool needs_expansion(std::string_view text);

/// `text` with `${NAME}` replaced by the variable of the environment, `${file:PATH}` by the file's
/// content less one line end at its end, and `$$` by `$`. A `$` before anything but a letter, `_`,
/// `{` or `$` stands for itself. `folder` is where a relative PATH begins.
/// Errors: config (a variable that is not set, a file that cannot be read, a wrong form); none
/// holds anything of what was filled in.
Result<std::string> expand(std::string_view text, const EnvironmentLookup& environment,
                           const std::string& folder);

/// expand() of a URL. What is filled in is data of the part of the URL that it stands in, whatever
/// characters it has: those that would end the part, or are written as `%XX` in it, are written so.
/// In place of the host they are `@ ? # %` alone. A path of sqlite: is no such part, and what the
/// text begins with, as in `${URL}`, is a URL by itself: both are filled in as they are.
Result<std::string> expand_url(std::string_view text, const EnvironmentLookup& environment,
                               const std::string& folder);

/// The content of a file that holds one secret, less the line end. Errors: config (it cannot be
/// read, is larger than kMaxSecretBytes, empty, or holds a NUL).
Result<std::string> read_secret(const std::string& path);

/// `path` seen from `folder`; as it is if it is absolute or `folder` is empty.
std::string resolve_path(const std::string& path, const std::string& folder);

}  // namespace rz
