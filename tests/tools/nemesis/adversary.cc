#include "tools/nemesis/adversary.h"

#include <filesystem>

namespace rz::nemesis {
namespace {

class Adversary {
 public:
  Adversary(World& world, Store& store, const std::function<bool()>& is_over)
      : world_(world),
        store_(store),
        is_over_(is_over),
        choose_(world.options().seed, 0),
        kinds_(store.faults()) {
    add_common_faults();
  }

  void run() {
    pause(2, 8);
    while (!is_over_()) {
      if (choose_.percent(30)) world_.pinned_era = !world_.pinned_era;
      if (choose_.percent(30)) store_.copy();
      const FaultKind& kind = pick();
      for (int burst = 0; burst < kind.bursts && !is_over_(); ++burst) {
        bring_about(kind);
      }
    }
  }

 private:
  void add_common_faults() {
    if (!world_.has_small_disks()) {
      kinds_.push_back({"no file may grow", FaultKind::Group::disk,
                        [this](Chooser&) { world_.max_file = 40'000; },
                        [this] { world_.max_file = 0; }});
      return;
    }
    kinds_.push_back(
        {"state folder's disk full", FaultKind::Group::disk,
         [this](Chooser& choose) {
           const int last = static_cast<int>(world_.hosts().size()) - 1;
           filled_ = world_.hosts()[static_cast<std::size_t>(choose.between(0, last))].state();
           fill_disk(filled_);
         },
         [this] { std::filesystem::remove(filled_ + "/fill"); }});
  }

  void bring_about(const FaultKind& kind) {
    const std::size_t fault = begin(kind);
    if (kind.end) {
      pause(2, 10);
      if (choose_.percent(40)) second(kind.group);
      kind.end();
    }
    world_.journal().end(fault);
    pause(2, 16);
  }

  // In every third seed the store loses nothing: there the history must be whole.
  const FaultKind& pick() {
    for (;;) {
      const int last = static_cast<int>(kinds_.size()) - 1;
      const FaultKind& kind = kinds_[static_cast<std::size_t>(choose_.between(0, last))];
      const bool may_lose = world_.options().seed % 3 != 0 && choose_.percent(35);
      if (!kind.loses || may_lose) return kind;
    }
  }

  std::size_t begin(const FaultKind& kind) {
    const std::size_t fault = world_.journal().begin(kind.name);
    kind.begin(choose_);
    return fault;
  }

  // Within another one. The store is not lost while the disk is full: it could not be put back.
  void second(FaultKind::Group first) {
    const FaultKind& kind = pick();
    if (kind.group == first || (first == FaultKind::Group::disk && kind.loses)) return;
    const std::size_t fault = begin(kind);
    if (kind.end) {
      pause(2, 8);
      kind.end();
    }
    world_.journal().end(fault);
  }

  // Until so many more programs have ended.
  void pause(int least, int most) {
    const int end = world_.journal().commands() + choose_.between(least, most);
    for (int now = 0; (now = world_.journal().commands()) < end && !is_over_();) {
      world_.journal().wait_for_command(now);
    }
  }

  World& world_;
  Store& store_;
  const std::function<bool()>& is_over_;
  Chooser choose_;
  std::vector<FaultKind> kinds_;
  std::string filled_;
};

}  // namespace

void torment(World& world, Store& store, const std::function<bool()>& is_over) {
  Adversary(world, store, is_over).run();
}

}  // namespace rz::nemesis
