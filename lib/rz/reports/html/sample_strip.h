#pragma once

#include <string>

#include "rz/bench/measurement.h"

namespace rz::reports {

/// Every sample of a measurement as a dot: left the least, the first at the top. The box is from
/// one quartile to the other, the line in it the median. Samples beyond the outer fence are counted
/// below.
std::string sample_strip(const bench::Measurement& measurement);

}  // namespace rz::reports
