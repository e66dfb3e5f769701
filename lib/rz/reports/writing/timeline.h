#pragma once

#include "rz/history/audit.h"
#include "rz/reports/writing/page.h"

namespace rz::reports {

/// Draws the modes of the window as wide as the page: a row of letters, and above it one of blocks,
/// the higher the worse, where the page can show them. A column shows the worst that happened in
/// it.
void draw_timeline(const history::Audit& audit, Page& page);

}  // namespace rz::reports
