#pragma once

#include "rz/history/audit.h"
#include "rz/reports/history_report.h"
#include "rz/reports/html/html_page.h"

// The parts of a page that every page about the history of the modes has.
namespace rz::reports {

/// Paragraphs: what has to be known to believe the figures.
void write_remarks(const StatsReport& report, HtmlPage& page);

/// A section: availability in the window and in the last days and weeks, and how often it broke.
void write_availability(const history::Audit& audit, HtmlPage& page);

/// A section: the modes of the window as a picture that zooms. The script needs band_data(), too.
void write_band(const history::Audit& audit, HtmlPage& page);

}  // namespace rz::reports
