#include "rz/base/counted.h"
#include "rz/reports/config_findings.h"
#include "rz/reports/formats.h"

namespace rz::reports {

void text::write(const ConfigFindings& found, Page& page) {
  if (!found.errors.empty()) return;
  if (found.path.empty()) {
    page.line("ok: no configuration file was found; rz uses its defaults");
  } else if (found.says_nothing) {
    page.line(found.name, ": ok: it sets nothing; the defaults are used");
  } else {
    page.line(found.name, ": ok (", counted(found.checks, "check"), ", ",
              counted(found.rules, "rule"), ")");
  }
}

void text::write(const ConfigSearch& search, Page& page) {
  if (!search.found.empty()) page.line(search.found);
}

}  // namespace rz::reports
