#pragma once

#include <string>

#include "rz/base/file.h"
#include "rz/base/result.h"
#include "rz/cli/program.h"
#include "rz/fallback/fallback_manager.h"
#include "rz/health/health_state.h"

namespace rz {

/// The file of `--record`, to which what a decision was made from is appended.
class StateRecorder {
 public:
  /// Without a path there is none, and nothing is appended. `state`: the file that is decided from,
  /// or empty. Errors: invalid_argument for standard output, for the file of `state`, and for a
  /// file of `runtime` itself; those of open_to_append().
  static Result<StateRecorder> open(runtime::Runtime& runtime, const std::string& path,
                                    const std::string& state);

  /// Appends `state`, from which `outcome` was decided, in one write, so that several hosts can
  /// share a file. What prevents it is a warning: the decision stands.
  void append(runtime::Runtime& runtime, const HealthState& state, const Evaluation& outcome) const;

 private:
  std::string path_{};
  UniqueFd file_{};
};

/// `rz cascade replay`.
Result<int> replay_policies(cli::Context& context, const cli::Arguments& arguments);

}  // namespace rz
