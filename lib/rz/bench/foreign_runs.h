#pragma once

#include <span>
#include <string>

#include "rz/base/value.h"
#include "rz/bench/saved_run.h"

namespace rz::bench {

/// How another program's document is read.
struct ForeignRun {
  const char* program;
  /// Whether the document is of that program.
  bool (*recognize)(const Value& document);
  /// Errors: parse, `where` being the place within the document.
  Result<std::vector<Measurement>> (*read)(const Value& document);
};

/// pytest-benchmark, Google Benchmark, hyperfine.
std::span<const ForeignRun> foreign_runs();

}  // namespace rz::bench
