#pragma once

#include <string>
#include <string_view>

#include "rz/reports/writing/measurements.h"

namespace rz::reports {

/// `text` as a Nagios plugin may print it. A `|` cannot be escaped; the broken bar looks almost
/// like it.
std::string nagios_text(std::string_view text);

/// A label of perfdata: any character but `=`; a quote is doubled. Icinga 2 takes what is before
/// `::` for a prefix of the labels after it.
std::string nagios_label(std::string_view text);

/// `'label'=value[unit];warning;critical;min;max`, as far as there is anything.
std::string perfdata_item(const std::string& label, const Measurement& measured);

}  // namespace rz::reports
