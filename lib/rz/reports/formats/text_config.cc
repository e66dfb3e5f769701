#include "rz/base/counted.h"
#include "rz/base/text.h"
#include "rz/config/settings.h"
#include "rz/reports/config_findings.h"
#include "rz/reports/formats.h"

namespace rz::reports {

void Text::write(const ConfigFindings& found, Page& page) {
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

void Text::write(const ConfigSearch& search, Page& page) {
  if (!search.found.empty()) page.line(search.found);
}

void Text::write(const ConfigSettings& shown, Page& page) {
  for (const std::string& line : config::render_settings(shown.settings, shown.origins))
    page.line(line);
}

}  // namespace rz::reports
