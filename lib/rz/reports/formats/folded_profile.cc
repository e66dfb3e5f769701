#include "rz/profile/folded.h"
#include "rz/reports/formats.h"
#include "rz/reports/profile_report.h"

namespace rz::reports {

void Folded::write(const ProfileReport& report, Page& page) {
  page.raw(profile::to_folded(report.profile, report.shown));
}

}  // namespace rz::reports
