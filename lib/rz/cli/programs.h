#pragma once

namespace rz::cli {

/// A program of rz, `rz-NAME`, as `rz help` tells it.
struct ProgramName {
  const char* name;
  const char* summary;
};

/// Every program, in the order in which they are told. Plain data: the dispatcher, which links
/// nothing of rz, reads it, too.
inline constexpr ProgramName kPrograms[] = {
    {"health", "Run health checks and report them"},
    {"cascade", "Decide from health how degraded the system runs"},
    {"cond", "Evaluate safe condition strings"},
    {"transitions", "Show the history of mode transitions"},
    {"bench", "Measure what rz costs here"},
    {"config", "Check and show the configuration"},
    {"completion", "Complete commands in a shell"},
};

}  // namespace rz::cli
