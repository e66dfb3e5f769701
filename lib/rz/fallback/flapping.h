#pragma once

#include <cstddef>
#include <string>

#include "rz/fallback/fallback_options.h"
#include "rz/fallback/mode.h"

namespace rz::fallback {

/// How many evaluations of a host are remembered to tell whether they flap: as many as Nagios keeps
/// results.
inline constexpr std::size_t kFlapResults = 21;

/// Adds what an evaluation called for to `recent`: a letter each (`p`, `h`, `s`), the newest last.
/// A host of which nothing is remembered has called for primary all the time, so that only those
/// that called for something else have anything to keep: once all letters are `p`, `recent` is
/// empty again.
void add_result(std::string& recent, Mode called_for);

/// What the newest evaluation in `recent` called for.
Mode last_result(const std::string& recent);

/// The share of change in `recent`, in percent: of the 20 changes that there can be between 21
/// results each counts 5 % times a weight, which goes from 0.75 for the oldest to 1.25 for the
/// newest (Nagios, flap detection).
double change_percent(const std::string& recent);

/// Whether a host whose results changed by `percent` flaps, if it did before or not: from
/// `options.high` on it does, at `options.low` and below it does not, in between it is as before.
bool flaps(double percent, const FlappingOptions& options, bool before);

}  // namespace rz::fallback
