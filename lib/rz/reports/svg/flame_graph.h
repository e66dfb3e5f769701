#pragma once

#include <string>

#include "rz/reports/profile_report.h"

namespace rz::reports {

/// A flame graph as a picture that stands alone: the outermost functions are at the top, what they
/// called is below them, and the width of a box is what it took of the whole. Each box has its
/// figures as a title; a script within zooms and searches. With another profile boxes are red where
/// more is taken than there, and blue where less, and say so by a sign.
std::string flame_graph(const ProfileReport& report);

}  // namespace rz::reports
