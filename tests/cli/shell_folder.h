#pragma once

#include <string>
#include <utility>

#include "rz/base/process.h"
#include "support/paths.h"
#include "support/patience.h"
#include "support/results.h"
#include "support/temp_folder.h"

namespace rz::testing {

/// A folder, in which a shell runs the programs of this build as a script does.
struct ShellFolder : TempFolder {
  /// `environment`: what stands before the script, as `RZ_STORAGE_URL=memory:`.
  explicit ShellFolder(std::string environment) : environment_(std::move(environment)) {}

  /// Runs `script` in the folder, which is its home and keeps rz's state. One that does not end
  /// fails.
  ProcessResult shell(const std::string& script) const {
    ProcessOptions options;
    options.timeout = test::kPatience;
    options.argv = {"/bin/sh", "-c",
                    "cd '" + path() + "' || exit; export PATH=" + test::build_dir() +
                        "/bin:$PATH HOME=\"$PWD\" XDG_STATE_HOME=\"$PWD\" " + environment_ + "; " +
                        script};
    const ProcessResult ran = ok(run_process(options));
    REQUIRE_FALSE(ran.timed_out);
    return ran;
  }

 private:
  std::string environment_;
};

}  // namespace rz::testing
