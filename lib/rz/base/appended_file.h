#pragma once

#include <string>
#include <string_view>

#include "rz/base/file.h"
#include "rz/base/result.h"

namespace rz {

/// Opens `path` to append lines to it, and creates it if it is missing. A FIFO is not waited for.
/// Errors: not_found (no such folder), unavailable, also for a FIFO that nobody reads from.
Result<UniqueFd> open_to_append(const std::string& path);

/// Appends `line` and its end to what open_to_append() has opened, in one write, so that several
/// processes can share a file. If the file ends in the middle of a line, as a full disk leaves it,
/// an end comes first; who appends at the same time may then leave an empty line.
/// Errors: unavailable, also if only a part could be written, and if a FIFO is full.
Result<void> append_line(int fd, std::string_view line);

}  // namespace rz
