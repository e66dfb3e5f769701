#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "rz/base/clock.h"
#include "rz/base/file.h"
#include "rz/base/result.h"

namespace rz::fallback {

/// Files in a folder of our own: another user must not have put them (or a link) there, nor be able
/// to write to them. They are readable by their owner alone. Errors: not_found, unavailable, and
/// corrupt for a file that others can write to.

inline constexpr mode_t kOwnerOnly = 0600;

Result<UniqueFd> open_own(const std::string& path, int flags);

/// Makes the folder, and what is missing above it, unless it is there.
Result<void> make_own_folder(const std::string& path);

/// The text of a file; empty if there is none.
Result<std::string> read_own(const std::string& path);

/// The same; nothing if there is none.
Result<std::optional<std::string>> find_own(const std::string& path);

/// Adds `text` to the file; all of it is on the disk, or none of it is in the file.
Result<void> append_own(const std::string& path, std::string_view text);

/// Whether the file that is open as `fd` still is the one at `path`. Who locks a file that another
/// has removed since excludes nobody.
bool is_at(const std::string& path, int fd);

/// Whether a file that somebody uses for a moment was left behind: nobody has written to what is
/// open as `fd` for an hour.
bool is_left_behind(int fd);

/// Removes the file, and that survives a crash of the machine. One that is not there is fine.
Result<void> remove_own(const std::string& path);

/// Takes the lock of the file, which is held until the descriptor and all that were inherited from
/// it are closed; another process that has it is waited for until `wait` has passed. File and
/// folder are made when they are needed. Errors: also timeout (somebody has it).
Result<UniqueFd> lock_own(const std::string& path, Millis wait);

/// A short name for files of what `text` names, which only tells it from others.
std::string short_name(std::string_view text);

}  // namespace rz::fallback
