#pragma once

#include <string>
#include <string_view>

namespace rz::fallback {

/// The name of the person or user that this process runs for. As root: who called sudo, else who
/// logged in; else the login name of the effective user, else its number.
std::string user_name();

/// The name of this machine, as `hostname` prints it.
std::string host_name();

/// This start of this machine among all of all machines. Empty where /proc does not tell.
const std::string& boot_name();

/// This process among all that have run since the machine was started, as
/// `<boot>/<process namespace>/<process>/<when it began>`. Empty where /proc does not tell.
std::string process_name();

/// Whether `process`, a process_name(), has surely ended: it was one of this machine since its last
/// start and of this container, and runs no more. False for all that this process cannot see.
bool has_ended(std::string_view process);

}  // namespace rz::fallback
