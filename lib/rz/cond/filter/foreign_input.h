#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "rz/cond/filter/filter_records.h"

/// Recognizes an input in another format than the expected one, and says what to try.
namespace rz::cond {

/// What is wrong with a whole file that begins with `head`: text in UTF-16, an archive or a format
/// of compression that is not read here. Nothing if it may be records.
std::optional<std::string> foreign_file(std::string_view head);

/// The tail of the message about a first record that is wrong: `; …`, where the text looks like
/// JSON over several lines, or like the other format; else nothing.
std::string hint_for_first_record(std::string_view text, RecordFormat format);

}  // namespace rz::cond
