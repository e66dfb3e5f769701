#pragma once

#include <string>
#include <vector>

#include "rz/base/clock.h"
#include "rz/base/file.h"
#include "rz/base/result.h"
#include "rz/net/listen_address.h"

namespace rz::server {

/// A socket on which connections are accepted. Closed, and the file of a unix socket that this
/// process made removed, at the end of its life.
class Listener {
 public:
  /// Listens at `address`; a name may stand for several addresses. The file of a unix socket on
  /// which nobody listens any more is replaced.
  /// Errors: unavailable (in use, no rights, no such address), timeout (the name).
  static Result<std::vector<Listener>> open(const net::ListenAddress& address, Deadline deadline);

  /// One that was made by somebody else and listens already.
  /// Errors: invalid_argument (it is not a stream socket that listens).
  static Result<Listener> adopt(UniqueFd fd);

  Listener(Listener&& other) noexcept;
  Listener& operator=(Listener&&) = delete;
  ~Listener();

  int fd() const { return fd_.get(); }
  /// Whether only this machine can reach it.
  bool local() const { return local_; }
  /// `127.0.0.1:8627`, `unix:/run/rz.sock`: where it really listens.
  const std::string& name() const { return name_; }

 private:
  explicit Listener(UniqueFd fd);

  UniqueFd fd_;
  std::string name_;
  bool local_ = false;
  std::string made_path_;  ///< Of a unix socket that is removed at the end.
};

/// The sockets that the service manager hands over (LISTEN_FDS), as sd_listen_fds(3) describes it.
/// Empty if there are none, or they are meant for another process. The variables are removed from
/// the environment, so that no program that is started later takes the sockets for its own.
/// Call it before there are other threads.
/// Errors: invalid_argument, for a socket that cannot be used.
Result<std::vector<Listener>> take_handed_listeners();

}  // namespace rz::server
