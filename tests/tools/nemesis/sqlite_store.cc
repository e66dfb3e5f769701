#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <stdexcept>

#include "rz/base/file.h"
#include "tools/nemesis/store.h"

namespace rz::nemesis {
namespace {

namespace fs = std::filesystem;

class SqliteStore : public Store {
 public:
  explicit SqliteStore(World& world) : world_(world), disk_(world.options().folder + "/store") {
    world.make_small_disk(disk_, 16 * 1024);
    fs::create_directories(folder());
    std::ofstream(plug()) << "not a folder\n";
  }

  ~SqliteStore() override { sqlite3_close(holder_); }

  std::string url(int) const override { return "sqlite:" + file(); }

  std::vector<FaultKind> faults() override {
    using Group = FaultKind::Group;
    std::vector<FaultKind> all{
        {"store locked", Group::server, [this](Chooser&) { hold(); }, [this] { let_go(); }},
        {"store away", Group::server, [this](Chooser&) { swap_plug(); }, [this] { swap_plug(); }},
        {"store emptied", Group::server, [this](Chooser& choose) { empty(choose); },
         [this] { remove_empty_file(); }, true},
        {"older copy restored", Group::server, [this](Chooser& choose) { restore(choose); },
         [this] { remove_empty_file(); }, true},
    };
    if (world_.has_small_disks()) {
      all.push_back({"store's disk full", Group::disk, [this](Chooser&) { fill_disk(disk_); },
                     [this] { fs::remove(disk_ + "/fill"); }});
    }
    return all;
  }

  void copy() override {
    world_.while_nobody_runs([this] {
      Copy copy;
      copy.folder = world_.options().folder + "/copy-" + std::to_string(copies_.size());
      fs::copy(folder(), copy.folder, fs::copy_options::recursive);
      copy.taken = world_.journal().now();
      copy.epoch = highest_epoch(copy.folder);
      copies_.push_back(copy);
    });
  }

 private:
  std::string folder() const { return disk_ + "/db"; }
  std::string file() const { return folder() + "/rz.db"; }
  std::string plug() const { return disk_ + "/plug"; }

  // Another program that writes and does not end.
  void hold() {
    if (sqlite3_open(file().c_str(), &holder_) != SQLITE_OK) return;
    sqlite3_busy_timeout(holder_, 10'000);
    sqlite3_exec(holder_, "BEGIN IMMEDIATE", nullptr, nullptr, nullptr);
  }

  void let_go() {
    sqlite3_exec(holder_, "ROLLBACK", nullptr, nullptr, nullptr);
    sqlite3_close(holder_);
    holder_ = nullptr;
  }

  // At once, or a program would make an empty store in between.
  void swap_plug() {
    if (::renameat2(AT_FDCWD, folder().c_str(), AT_FDCWD, plug().c_str(), RENAME_EXCHANGE) != 0) {
      throw std::runtime_error("cannot take the store away: " + errno_text(errno));
    }
  }

  // Nobody may have it open: SQLite cannot live with a file that is taken from under it.
  void empty(Chooser& choose) {
    const bool truncate = choose.percent(50);
    world_.while_nobody_runs([&] {
      Loss loss;
      loss.start = world_.journal().now();
      for (const auto& each : fs::directory_iterator(folder())) fs::remove(each.path());
      if (truncate) std::ofstream(file()).flush();
      loss.end = world_.journal().now();
      world_.journal().add(loss);
    });
  }

  // As rz asks for: it takes no file of 0 bytes for a new store.
  void remove_empty_file() {
    world_.while_nobody_runs([this] {
      std::error_code error;
      if (fs::file_size(file(), error) == 0 && !error) fs::remove(file());
    });
  }

  void restore(Chooser& choose) {
    if (copies_.empty()) return empty(choose);
    const Copy& copy =
        copies_[static_cast<std::size_t>(choose.between(0, static_cast<int>(copies_.size()) - 1))];
    world_.while_nobody_runs([&] {
      Loss loss;
      loss.copied = copy.taken;
      loss.epoch = copy.epoch;
      loss.start = world_.journal().now();
      fs::remove_all(folder());
      fs::copy(copy.folder, folder(), fs::copy_options::recursive);
      loss.end = world_.journal().now();
      world_.journal().add(loss);
    });
  }

  World& world_;
  const std::string disk_;
  std::vector<Copy> copies_;
  sqlite3* holder_ = nullptr;
};

}  // namespace

std::unique_ptr<Store> make_sqlite_store(World& world) {
  return std::make_unique<SqliteStore>(world);
}

}  // namespace rz::nemesis
