#include "health_serve.h"

#include <mutex>
#include <string>

#include "rz/net/listen_address.h"
#include "rz/server/serve.h"

namespace rz {
namespace {

// Lines come from several threads, and each is written whole.
server::Tell log_of(cli::Context& context) {
  return [&context, mutex = std::make_shared<std::mutex>()](const Notice& notice) {
    const std::lock_guard lock(*mutex);
    if (notice.severity == Notice::Severity::warning) {
      context.warn(notice.what);
    } else if (!context.options().quiet) {
      context.log("rz health: " + notice.what);
    }
  };
}

}  // namespace

Result<int> serve_health(cli::Context& context, const cli::Arguments& arguments) {
  server::ServeSetup setup;
  setup.runtime = context.runtime().options();
  setup.listen = arguments.all("--listen");
  setup.tell = log_of(context);
  for (const std::string& address : setup.listen) {
    const auto parsed = net::parse_listen_address(address);
    if (!parsed) return fail(parsed.error().code, parsed.error().message, "--listen");
  }
  const auto left_behind = server::serve(setup, context.runtime().clock());
  if (!left_behind) return fail(left_behind.error());
  context.runtime().threads_abandoned = *left_behind;
  return cli::kYes;
}

}  // namespace rz
