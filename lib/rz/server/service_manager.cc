#include "rz/server/service_manager.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <chrono>
#include <cstddef>
#include <cstdlib>
#include <cstring>

#include "rz/base/text.h"

namespace rz::server {
namespace {

std::string taken_from_environment(const char* name) {
  const char* value = std::getenv(name);
  std::string text = value != nullptr ? value : "";
  ::unsetenv(name);
  return text;
}

// A line of a message; a break in it would begin another assignment.
std::string status_line(std::string_view status) { return "STATUS=" + printable(status); }

}  // namespace

ServiceManager ServiceManager::from_environment() {
  const std::string path = taken_from_environment("NOTIFY_SOCKET");
  const auto period = parse_int(taken_from_environment("WATCHDOG_USEC"));
  const std::string process = taken_from_environment("WATCHDOG_PID");
  const bool watched =
      period && *period > 1 && (process.empty() || parse_int(process) == std::int64_t{::getpid()});
  return {path, watched ? std::optional(Micros{*period}) : std::nullopt};
}

ServiceManager::ServiceManager(const std::string& path, std::optional<Micros> watchdog) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const bool usable = path.size() > 1 && (path[0] == '/' || path[0] == '@') &&
                      path.size() < sizeof address.sun_path;
  if (!usable) return;
  std::memcpy(address.sun_path, path.data(), path.size());
  if (path[0] == '@') address.sun_path[0] = '\0';
  socket_ = UniqueFd(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path.size());
  if (!socket_ ||
      ::connect(socket_.get(), reinterpret_cast<const sockaddr*>(&address), size) != 0) {
    socket_.reset();
    return;
  }
  if (watchdog) interval_ = *watchdog / 2;
}

void ServiceManager::ready(std::string_view status) const {
  send("READY=1\n" + status_line(status));
}

// With the time, which a manager wants of a service of Type=notify-reload.
void ServiceManager::reloading() const {
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  send("RELOADING=1\nMONOTONIC_USEC=" +
       std::to_string(std::chrono::duration_cast<Micros>(now).count()) + "\n" +
       status_line("reading the configuration again"));
}

void ServiceManager::stopping() const { send("STOPPING=1\n" + status_line("stopping")); }

void ServiceManager::status(std::string_view status) const { send(status_line(status)); }

void ServiceManager::alive() const { send("WATCHDOG=1"); }

void ServiceManager::send(const std::string& message) const {
  if (!socket_) return;
  (void)::send(socket_.get(), message.data(), message.size(), MSG_NOSIGNAL);
}

}  // namespace rz::server
