#include "rz/fallback/offline/call_locks.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "rz/base/clock.h"
#include "rz/fallback/offline/own_file.h"

namespace rz::fallback {

CallLocks::CallLocks(std::string folder, std::string name)
    : folder_(std::move(folder)), name_(std::move(name)) {}

std::string CallLocks::path(const std::string& token) const {
  return folder_ + "/" + name_ + ".call." + token;
}

// The path would not do: in another mount namespace of the same machine it may be another folder.
std::string CallLocks::folder_token() const {
  struct stat status {};
  if (!make_own_folder(folder_) || ::stat(folder_.c_str(), &status) != 0) return {};
  return short_name(fmt::format("{}:{}:{}", status.st_dev, status.st_ino, name_));
}

Result<UniqueFd> CallLocks::hold(const std::string& token) const {
  auto fd = lock_own(path(token), Millis{0});
  if (fd) ::fcntl(fd->get(), F_SETFD, 0);
  return fd;
}

Result<bool> CallLocks::is_held(const std::string& token) const {
  const std::string file = path(token);
  const auto fd = open_own(file, O_RDONLY);
  if (!fd && fd.error().code == ErrorCode::not_found) return false;
  if (!fd) return fail(fd.error());
  if (::flock(fd->get(), LOCK_EX | LOCK_NB) == 0) return false;
  if (errno == EWOULDBLOCK) return true;
  return fail(ErrorCode::unavailable, "cannot lock: " + errno_text(errno), file);
}

void CallLocks::forget(const std::string& token) const { (void)::unlink(path(token).c_str()); }

// It is removed under its lock: whoever waits for that sees that the file has gone. The file of a
// new call may not be locked yet, so only an old one counts.
void CallLocks::remove_if_left_behind(const std::string& file_name) const {
  if (!file_name.starts_with(name_ + ".call.")) return;
  const std::string path = folder_ + "/" + file_name;
  const auto fd = open_own(path, O_RDONLY);
  if (!fd || !is_left_behind(fd->get())) return;
  if (::flock(fd->get(), LOCK_EX | LOCK_NB) != 0) return;
  if (is_at(path, fd->get())) (void)::unlink(path.c_str());
}

}  // namespace rz::fallback
