#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "rz/base/clock.h"
#include "rz/base/file.h"

namespace rz::server {

/// The service manager (systemd) that started this process, as sd_notify(3) describes it: it is
/// told what the service does, and wants to hear now and then that it lives. Where there is none,
/// nothing is sent. A message is one datagram; one that cannot be delivered is lost. Thread-safe.
class ServiceManager {
 public:
  /// From NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID, which are removed from the environment, so
  /// that no program that is started later speaks for the service. Call it before there are other
  /// threads.
  static ServiceManager from_environment();

  /// `path`: of the socket, or with a `@` before an abstract name; empty: there is none.
  ServiceManager(const std::string& path, std::optional<Micros> watchdog);

  /// It serves. After reloading() too.
  void ready(std::string_view status) const;
  void reloading() const;
  void stopping() const;
  /// What it does, as `systemctl status` shows it. Any bytes.
  void status(std::string_view status) const;
  /// It lives.
  void alive() const;

  /// How often alive() must be called: half of what the manager waits for. Nothing: never.
  std::optional<Micros> interval() const { return interval_; }

 private:
  void send(const std::string& message) const;

  UniqueFd socket_;
  std::optional<Micros> interval_;
};

}  // namespace rz::server
