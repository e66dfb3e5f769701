#include "health_init.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <string>

#include "rz/base/file.h"
#include "rz/base/random_token.h"
#include "rz/base/text.h"
#include "rz/discovery/discover.h"
#include "rz/discovery/written_config.h"

namespace rz {
namespace {

Error already_there(const std::string& path) {
  return {ErrorCode::conflict,
          "is there already, and is never written over; name another file, or remove it", path};
}

// Whole or not at all, and never over a file, also if somebody creates it meanwhile: a link to what
// was written beside it takes the name only where nothing has it.
Result<void> write_new_file(const std::string& path, const std::string& text) {
  const std::string beside = path + "." + random_token();
  if (auto written = write_file(beside, text); !written) return written;
  const int linked = ::link(beside.c_str(), path.c_str());
  const int error = errno;
  ::unlink(beside.c_str());
  if (linked == 0) return sync_folder_of(path);
  if (error == EEXIST) return fail(already_there(path));
  return fail(ErrorCode::unavailable, "cannot write: " + errno_text(error), path);
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
  if (auto written = write_new_file(path, text); !written) return fail(std::move(written).error());
  context.inform(printable(path) + " is written; 'rz health --config " + printable(path) +
                 "' runs its checks");
  return cli::kYes;
}

}  // namespace rz
