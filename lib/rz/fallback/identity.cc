#include "rz/fallback/identity.h"

#include <fmt/format.h>
#include <pwd.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <optional>
#include <random>

namespace rz {

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

}  // namespace

std::string user_name() {
  const uid_t uid = ::geteuid();
  if (uid == 0) {
    // Root alone can be somebody else's hand; for others the variable proves nothing.
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

std::string random_token() {
  std::random_device device;
  const std::uint64_t bits = (std::uint64_t{device()} << 32) | device();
  return fmt::format("{:016x}", bits);
}

}  // namespace rz
