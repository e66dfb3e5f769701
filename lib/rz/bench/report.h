#pragma once

#include <span>
#include <string>

#include "rz/base/value.h"
#include "rz/bench/runner.h"

namespace rz::bench {

/// `{"schema":"rz.bench/1","machine":{…},"benchmarks":[{"name","unit","median","mean","stddev","min",
/// "max","p95","p99","iterations","samples":[…]}]}`, the unit being `ns` an iteration. A benchmark
/// without samples is left out; those that failed are named in `"errors":[{"name","message"}]`,
/// which is there only if one did.
Value to_value(std::span<const Measurement> measurements, const Value& machine);

/// The same without machine, samples and errors, as CSV (RFC 4180, with a header).
std::string to_csv(std::span<const Measurement> measurements);

/// A time for people, three significant digits: `4.12 ns`, `20.3 µs`, `1.20 s`.
std::string humanize_nanoseconds(double nanoseconds);

/// Operations a second for people: `243 M/s`, `49.3 k/s`, `12.0 /s`.
std::string humanize_rate(double per_second);

}  // namespace rz::bench
