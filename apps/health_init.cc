#include "health_init.h"

#include <sys/stat.h>

#include <string>

#include "rz/base/new_file.h"
#include "rz/base/text.h"
#include "rz/discovery/discover.h"
#include "rz/discovery/written_config.h"

namespace rz {
namespace {

Error already_there(const std::string& path) {
  return {ErrorCode::conflict,
          "is there already, and is never written over; name another file, or remove it", path};
}

}  // namespace

Result<int> write_found_checks(cli::Context& context, const cli::Arguments& arguments) {
  const std::string path = arguments.text("--output");
  const bool to_file = !path.empty() && path != "-";
  // Told before anything is looked at; the file is written in a way that makes sure again.
  struct stat there {};
  if (to_file && ::lstat(path.c_str(), &there) == 0) return fail(already_there(path));
  const auto found =
      context.while_waiting_for("what runs here to answer", [] { return discovery::discover(); });
  const std::string text = discovery::written_config(found);
  if (!to_file) {
    context.out().raw(text);
    return cli::kYes;
  }
  if (const auto written = write_new_file(path, text); !written) {
    return fail(written.error().code == ErrorCode::conflict ? already_there(path)
                                                            : written.error());
  }
  context.inform(printable(path) + " is written; 'rz health --config " + printable(path) +
                 "' runs its checks");
  return cli::kYes;
}

}  // namespace rz
