#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "rz/reports/writing/page.h"

/// Workflow commands of GitHub Actions, which become annotations of a run.
namespace rz::reports {

/// One annotation. Its texts may hold any bytes.
struct Annotation {
  std::string title;
  std::string text;
  std::string file{};     ///< The file that it is about; empty: none.
  std::size_t line = 0;   ///< Of that file.
  std::string summary{};  ///< How it is named where there are too many; empty: by its title.
};

/// Writes them as `command`s: `error`, `warning` or `notice`. GitHub shows ten of each: of more,
/// the last one names those that are left out.
void write_annotations(std::string_view command, const std::vector<Annotation>& annotations,
                       Page& page);

}  // namespace rz::reports
