#include "rz/fallback/identity.h"

#include <fmt/format.h>
#include <pwd.h>
#include <signal.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <limits>
#include <optional>
#include <random>
#include <sstream>

#include "rz/base/text.h"

namespace rz::fallback {

namespace {

std::optional<std::string> name_of_user(uid_t uid) {
  std::array<char, 4096> buffer;
  passwd entry{};
  passwd* found = nullptr;
  if (::getpwuid_r(uid, &entry, buffer.data(), buffer.size(), &found) != 0 || found == nullptr) {
    return std::nullopt;
  }
  return found->pw_name;
}

// The kernel keeps who logged in, through su and sudo; a service has nobody (-1).
std::optional<uid_t> login_user() {
  std::ifstream file("/proc/self/loginuid");
  std::uint32_t uid = 0;
  if (!(file >> uid) || uid == std::uint32_t(-1)) return std::nullopt;
  return uid;
}

/// What numbers of processes belong to: one start of one machine, and one namespace of it.
std::optional<std::string> process_scope() {
  std::array<char, 64> space;
  const ssize_t length = ::readlink("/proc/self/ns/pid", space.data(), space.size());
  if (boot_name().empty() || length <= 0) return std::nullopt;
  return boot_name() + "/" + std::string(space.data(), static_cast<std::size_t>(length)) + "/";
}

struct ProcessState {
  char state = '?';
  std::string started;  ///< In ticks since the machine was started.
};

// proc(5): the third and the twenty-second field. The second is a name with any characters, in
// parentheses.
std::optional<ProcessState> state_of(std::int64_t pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
  // By a stream's own reading, which a process that ends meanwhile (ESRCH) makes fail; by the
  // buffer's it would be an exception.
  std::string text;
  for (char part[512]; file.read(part, sizeof part), file.gcount() > 0;) {
    text.append(part, static_cast<std::size_t>(file.gcount()));
  }
  const std::size_t name_end = text.rfind(')');
  if (name_end == std::string::npos) return std::nullopt;
  std::istringstream fields(text.substr(name_end + 1));
  ProcessState state;
  fields >> state.state;
  for (int field = 4; field <= 22; ++field) fields >> state.started;
  if (!fields) return std::nullopt;
  return state;
}

}  // namespace

std::string user_name() {
  const uid_t uid = ::geteuid();
  if (uid == 0) {
    // Only root can act for another user through sudo; for others the variable proves nothing.
    const char* sudo = std::getenv("SUDO_USER");
    if (sudo != nullptr && *sudo != '\0' && std::strlen(sudo) <= 256) return sudo;
    if (const auto login = login_user()) {
      if (auto name = name_of_user(*login)) return *name;
    }
  }
  return name_of_user(uid).value_or(std::to_string(uid));
}

std::string host_name() {
  std::array<char, 256> buffer{};
  if (::gethostname(buffer.data(), buffer.size() - 1) != 0) return "localhost";
  return buffer.data();
}

const std::string& boot_name() {
  static const std::string name = [] {
    std::ifstream file("/proc/sys/kernel/random/boot_id");
    std::string boot;
    file >> boot;
    return boot;
  }();
  return name;
}

std::string process_name() {
  const auto scope = process_scope();
  const auto self = state_of(::getpid());
  if (!scope || !self) return {};
  return *scope + std::to_string(::getpid()) + "/" + self->started;
}

bool has_ended(std::string_view process) {
  const auto scope = process_scope();
  if (!scope || !process.starts_with(*scope)) return false;
  const auto parts = split(process.substr(scope->size()), '/');
  const auto pid = parse_int(parts.front());
  if (parts.size() != 2 || !pid || *pid <= 0 || *pid > std::numeric_limits<pid_t>::max()) {
    return false;
  }
  // Asked first, for it also knows a process whose folder in /proc is hidden from this user.
  if (::kill(static_cast<pid_t>(*pid), 0) != 0) return errno == ESRCH;
  const auto state = state_of(*pid);
  if (!state) return false;
  return state->started != parts[1] || state->state == 'Z' || state->state == 'X';
}

}  // namespace rz::fallback
