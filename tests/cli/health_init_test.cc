// `rz health init` on this very machine.

#include <doctest/doctest.h>

#include <fstream>
#include <string>

#include "rz/base/file.h"
#include "shell_folder.h"

namespace rz::testing {
namespace {

struct InitFolder : ShellFolder {
  InitFolder() : ShellFolder("RZ_STORAGE_URL=memory:") {}
};

}  // namespace

TEST_CASE("init writes what loads as it is, and says how to run it") {
  const InitFolder folder;
  const ProcessResult written = folder.shell("umask 022; rz health init --output rz.yaml");
  CHECK(written.exit_code == 0);
  CHECK(written.output.empty());
  CHECK(written.error ==
        "rz health: rz.yaml is written; 'rz health --config rz.yaml' runs its "
        "checks\n");
  const ProcessResult checked = folder.shell("rz config check rz.yaml");
  CHECK_MESSAGE(checked.exit_code == 0, (checked.output + checked.error));
  CHECK(folder.shell("rz health --config rz.yaml memory disk --format json")
            .output.find(R"("total":2)") != std::string::npos);
  CHECK(folder.shell("ls -A | grep -v '^rz.yaml$'; stat -c %a rz.yaml").output == "644\n");
}

TEST_CASE("init never writes over a file, and leaves nothing behind where it cannot write") {
  const InitFolder folder;
  std::ofstream(folder / "mine.yaml") << "mine\n";
  const ProcessResult refused = folder.shell("rz health init --output mine.yaml");
  CHECK(refused.exit_code == 3);
  CHECK(refused.error ==
        "rz health: mine.yaml: is there already, and is never written over; name another file, or "
        "remove it\n");
  CHECK(ok(read_file(folder / "mine.yaml", 100)) == "mine\n");
  // A link to nowhere is somebody's file, too.
  const ProcessResult linked =
      folder.shell("umask 022; ln -s nowhere link.yaml; rz health init --output link.yaml");
  CHECK(linked.exit_code == 3);
  const ProcessResult nowhere = folder.shell("rz health init --output nosuch/rz.yaml");
  CHECK(nowhere.exit_code == 3);
  CHECK(nowhere.error == "rz health: nosuch/rz.yaml: cannot write: No such file or directory\n");
  CHECK(folder.shell("ls -A").output == "link.yaml\nmine.yaml\n");
}

TEST_CASE("init writes to standard output where no file is named, and a full disk is no success") {
  const InitFolder folder;
  const ProcessResult dash = folder.shell("rz health init --output -");
  CHECK(dash.output.starts_with("# Checks for what was found on "));
  CHECK(folder.shell("ls -A").output.empty());
  const ProcessResult shown = folder.shell("rz health init");
  CHECK(shown.exit_code == 0);
  CHECK(shown.output.starts_with("# Checks for what was found on "));
  CHECK(shown.output.find("\nhealth:\n  checks:\n") != std::string::npos);
  CHECK(folder.shell("rz health init --output - > /dev/full").exit_code == 3);
}

}  // namespace rz::testing
