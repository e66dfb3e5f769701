#pragma once

#include <string>
#include <string_view>

namespace rz::reports {

/// `text` as the message of a workflow command of GitHub Actions, cut where GitHub would. `%` is
/// how the runner writes line breaks, which printable() has replaced.
std::string annotation_text(std::string_view text);

/// The same as the value of a property, which ends at `,`, and all of them at `::`.
std::string annotation_property(std::string_view text);

}  // namespace rz::reports
