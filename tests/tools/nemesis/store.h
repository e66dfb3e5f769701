#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "tools/nemesis/world.h"

namespace rz::nemesis {

/// A fault that the adversary may bring about.
struct FaultKind {
  std::string name;
  /// Two of one group are never there at a time.
  enum class Group { server, line, disk } group = Group::server;
  std::function<void(Chooser&)> begin;
  std::function<void()> end;  ///< Empty: it is over at once.
  /// What is acknowledged before it need not be found: too many of them would hide other faults.
  bool loses = false;
  int bursts = 1;  ///< So many times it comes and goes.
};

/// The store that the hosts share, and what can be done to it. Used by one thread.
class Store {
 public:
  virtual ~Store() = default;
  /// As `host` reaches it.
  virtual std::string url(int host) const = 0;
  virtual std::vector<FaultKind> faults() = 0;
  /// Keeps a copy that a later fault may put in its place.
  virtual void copy() = 0;
};

/// A Redis that writes each command to the disk before it answers, behind a proxy for each host.
std::unique_ptr<Store> make_redis_store(World& world);

/// A file, on a small file system if that can be made.
std::unique_ptr<Store> make_sqlite_store(World& world);

/// Writes a file `fill` there until nothing more fits.
void fill_disk(const std::string& folder);

/// A copy of a store, in a folder.
struct Copy {
  std::string folder;
  Moment taken = 0;
  std::int64_t epoch = 0;  ///< No state or record in it has a higher one.
};

/// The highest number behind `"epoch":` in the files of a folder, whatever their format is.
std::int64_t highest_epoch(const std::string& folder);

}  // namespace rz::nemesis
