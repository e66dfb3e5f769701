#pragma once

#include <string>

#include "rz/base/file.h"
#include "rz/base/result.h"

namespace rz::fallback {

/// The locks of calls of callbacks that run on this host: files `NAME.call.TOKEN` in the folder of
/// a spool, each held by who runs a call, and by the program that it started. So others of this
/// host see that a call still runs, even if the process that claimed it has died. The token is that
/// of the claim, or that of the call itself: a run has a lock for each.
///
/// Safe among processes.
class CallLocks {
 public:
  /// `name`: that of the files of one store. The folder is made when it is needed.
  CallLocks(std::string folder, std::string name);

  /// A token of the folder and the store, the same for every process of this machine that sees the
  /// same calls held. Makes the folder. Empty: no call can be held here.
  std::string folder_token() const;

  /// Shows that the call of `token` runs on this host for as long as the descriptor is open in this
  /// process or in what it starts: whatever it forks inherits it, and what run_process() starts
  /// does under InheritedDescriptors. Errors: timeout (somebody holds it), unavailable, corrupt (a
  /// file that others can write to).
  Result<UniqueFd> hold(const std::string& token) const;

  /// Whether somebody holds it. Errors: where that cannot be told, unavailable and corrupt.
  Result<bool> is_held(const std::string& token) const;

  /// Removes the file of a run that is over.
  void forget(const std::string& token) const;

  /// Removes the file of that name in the folder, if it is of a call that nobody makes any more.
  void remove_if_left_behind(const std::string& file_name) const;

 private:
  std::string path(const std::string& token) const;

  std::string folder_;
  std::string name_;
};

}  // namespace rz::fallback
