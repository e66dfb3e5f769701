#include "rz/reports/formats.h"
#include "rz/reports/svg/flame_graph.h"

namespace rz::reports {

void Svg::write(const ProfileReport& report, Page& page) { page.raw(flame_graph(report)); }

}  // namespace rz::reports
