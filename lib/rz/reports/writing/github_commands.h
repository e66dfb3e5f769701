#pragma once

#include <string>
#include <string_view>

/// Workflow commands of GitHub Actions, which become annotations of a run.
namespace rz::reports {

/// `text` as a command shows it: printable, on one line, cut where GitHub cuts.
std::string github_text(std::string_view text);

/// The same as a property of a command: `title=…`.
std::string github_property(std::string_view text);

/// `::COMMAND title=TITLE::TEXT`, a line. COMMAND: `error`, `warning` or `notice`.
std::string github_command(std::string_view command, std::string_view title, std::string_view text);

}  // namespace rz::reports
