#include "rz/fallback/offline/call_locks.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <system_error>
#include <utility>

#include "rz/base/clock.h"
#include "rz/fallback/offline/own_file.h"

namespace rz::fallback {
namespace {

// Whether a process was killed, or another one has finished its call. The file of a new call may
// not be locked yet, so only an old one counts.
bool is_over(const std::string& path) {
  if (!is_left_behind(path)) return false;
  const auto fd = open_own(path, O_RDONLY);
  return fd && ::flock(fd->get(), LOCK_EX | LOCK_NB) == 0;
}

}  // namespace

CallLocks::CallLocks(std::string folder, std::string name)
    : folder_(std::move(folder)), name_(std::move(name)) {}

std::string CallLocks::path(const std::string& claim) const {
  return folder_ + "/" + name_ + ".call." + claim;
}

// The path would not do: in another mount namespace of the same machine it may be another folder.
std::string CallLocks::folder_token() const {
  struct stat status {};
  if (!make_own_folder(folder_) || ::stat(folder_.c_str(), &status) != 0) return {};
  return short_name(fmt::format("{}:{}:{}", status.st_dev, status.st_ino, name_));
}

Result<UniqueFd> CallLocks::hold(const std::string& claim) const {
  auto fd = lock_own(path(claim), Millis{0});
  if (fd) ::fcntl(fd->get(), F_SETFD, 0);
  return fd;
}

Result<bool> CallLocks::is_held(const std::string& claim) const {
  const std::string file = path(claim);
  const auto fd = open_own(file, O_RDONLY);
  if (!fd && fd.error().code == ErrorCode::not_found) return false;
  if (!fd) return fail(fd.error());
  if (::flock(fd->get(), LOCK_EX | LOCK_NB) == 0) return false;
  if (errno == EWOULDBLOCK) return true;
  return fail(ErrorCode::unavailable, "cannot lock: " + errno_text(errno), file);
}

void CallLocks::forget(const std::string& claim) const { (void)::unlink(path(claim).c_str()); }

void CallLocks::remove_left_behind() const {
  std::error_code error;
  std::filesystem::directory_iterator file(folder_, error);
  for (; !error && file != std::filesystem::directory_iterator(); file.increment(error)) {
    const std::string path = file->path();
    const bool of_call = file->path().filename().string().starts_with(name_ + ".call.");
    if (of_call && is_over(path)) (void)::unlink(path.c_str());
  }
}

}  // namespace rz::fallback
