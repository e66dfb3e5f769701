#pragma once

#include <optional>
#include <string>
#include <vector>

#include "rz/base/result.h"
#include "rz/bench/program_runner.h"
#include "rz/profile/heaptrack_summary.h"
#include "rz/profile/profile.h"

namespace rz::profile {

/// What looks at a program. None of them needs a right beyond those of the user who runs it, but
/// perf, which the kernel may forbid.
enum class Profiler { gperftools, perf, heaptrack };

/// `gperftools`, `perf`, `heaptrack`.
const char* to_string(Profiler profiler);

/// What a profiler has seen of a run.
struct Recording {
  Profiler by = Profiler::gperftools;
  Profile profile;
  std::optional<int> exit_code{};  ///< Nothing: it was ended, and this is what there is until then.
  std::optional<HeapSummary> heap{};  ///< Of heaptrack.
};

/// Folders in which libraries to preload are looked for, of this machine's packages.
std::vector<std::string> library_folders();

/// The profiler of processor time for a program: gperftools, whose stacks are whole whatever it was
/// compiled with; perf for one that is linked statically, into which nothing is preloaded, or where
/// gperftools is not there.
/// Errors: not_found (neither is there, with the packages), auth (the kernel forbids perf).
Result<Profiler> choose_cpu_profiler(const std::string& program,
                                     const std::vector<std::string>& folders);

/// Runs the program once under `by`, whatever its exit code, to its end or the end of its timeout.
/// perf and gperftools tell one measure, `cpu`; heaptrack three: `peak`, `allocations`, `leaked`.
/// Errors: those of ProgramRunner::run(); not_found (no such profiler, with its package), auth (the
/// kernel forbids perf), unavailable (it left nothing behind, or the program ended too soon).
Result<Recording> record(const bench::ProgramOptions& program, Profiler by,
                         const std::vector<std::string>& folders);

}  // namespace rz::profile
