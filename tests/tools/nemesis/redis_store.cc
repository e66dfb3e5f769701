#include <chrono>
#include <filesystem>
#include <memory>
#include <thread>

#include "support/redis_server.h"
#include "support/tcp_proxy.h"
#include "tools/nemesis/store.h"

namespace rz::nemesis {
namespace {

namespace fs = std::filesystem;
using test::Harm;

class RedisStore : public Store {
 public:
  explicit RedisStore(World& world)
      : world_(world),
        server_(
            {.config = {"appendonly yes", "appendfsync always", "maxmemory-policy noeviction"}}) {
    for (int i = 0; i < world.options().hosts; ++i) {
      lines_.push_back(std::make_unique<test::TcpProxy>(server_.port()));
    }
  }

  std::string url(int host) const override {
    const auto& line = lines_[static_cast<std::size_t>(host)];
    return "redis://127.0.0.1:" + std::to_string(line->port()) + "/0";
  }

  std::vector<FaultKind> faults() override {
    using Group = FaultKind::Group;
    const auto all = [this](const Harm& harm) { order(harm); };
    const auto straight = [this] { straighten(); };
    const auto commits = [](Harm::Kind kind) {
      return Harm{.kind = kind, .way = Harm::Way::requests, .match = "EVAL", .every = true};
    };
    return {
        {"store stopped", Group::server, [this](Chooser&) { stop(); }, [this] { go_on(); }},
        {"store killed", Group::server, [this](Chooser&) { server_.kill(); },
         [this] { server_.start(); }},
        {"store restarted",
         Group::server,
         [this](Chooser&) {
           server_.kill();
           server_.start();
         },
         {}},
        {"store emptied", Group::server, [this](Chooser&) { empty(); }, {}, true},
        {"older copy restored",
         Group::server,
         [this](Chooser& choose) { restore(choose); },
         {},
         true},
        {"host cut off", Group::line,
         [this](Chooser& choose) {
           const int host = choose.between(0, static_cast<int>(lines_.size()) - 1);
           lines_[static_cast<std::size_t>(host)]->order(
               {.kind = Harm::Kind::cut, .way = Harm::Way::requests, .every = true});
         },
         straight},
        {"commits late", Group::line,
         [all, commits](Chooser& choose) {
           Harm harm = commits(Harm::Kind::late);
           harm.delay = std::chrono::milliseconds{choose.between(100, 1'000)};
           harm.spread = std::chrono::milliseconds{choose.between(0, 2'000)};
           all(harm);
         },
         straight},
        // Then the commits of two processes of one host may come in any order, and nobody else's.
        {"commits of one host late, the others cut off", Group::line,
         [this, commits](Chooser& choose) {
           Harm harm = commits(Harm::Kind::late);
           harm.delay = std::chrono::milliseconds{choose.between(450, 700)};
           harm.spread = std::chrono::milliseconds{choose.between(500, 2'000)};
           const int host = choose.between(0, static_cast<int>(lines_.size()) - 1);
           order({.kind = Harm::Kind::cut, .way = Harm::Way::requests, .every = true});
           lines_[static_cast<std::size_t>(host)]->order(harm);
         },
         straight, false, 4},
        {"commits cut before they arrived", Group::line,
         [all, commits](Chooser&) { all(commits(Harm::Kind::cut)); }, straight},
        {"answers to commits cut", Group::line,
         [all, commits](Chooser&) { all(commits(Harm::Kind::last)); }, straight},
        {"answers slow", Group::line,
         [all](Chooser& choose) {
           all({.kind = Harm::Kind::late,
                .way = Harm::Way::answers,
                .delay = std::chrono::milliseconds{choose.between(50, 500)},
                .every = true});
         },
         straight},
    };
  }

  void copy() override {
    Copy copy;
    copy.folder = world_.options().folder + "/copy-" + std::to_string(copies_.size());
    server_.pause();
    fs::copy(data(), copy.folder, fs::copy_options::recursive);
    copy.taken = world_.journal().now();
    server_.resume();
    settle();
    copy.epoch = highest_epoch(copy.folder);
    copies_.push_back(copy);
  }

 private:
  std::string data() const { return server_.folder() + "/appendonlydir"; }

  void order(const Harm& harm) {
    for (const auto& line : lines_) line->order(harm);
  }

  // What is late has arrived before the fault counts as over, and is carried out.
  void straighten() {
    order({});
    for (const auto& line : lines_) {
      while (line->held() > 0) std::this_thread::sleep_for(std::chrono::milliseconds{5});
    }
    if (server_.is_started() && !stopped_) settle();
  }

  void stop() {
    server_.pause();
    stopped_ = true;
  }

  void go_on() {
    server_.resume();
    stopped_ = false;
    settle();
  }

  // It answers a new client only after the commands of those that waited.
  void settle() {
    for (int i = 0; i < 2; ++i) server_.command({"PING"});
  }

  void empty() {
    Loss loss;
    loss.start = world_.journal().now();
    server_.command({"FLUSHALL"});
    loss.end = world_.journal().now();
    world_.journal().add(loss);
  }

  void restore(Chooser& choose) {
    if (copies_.empty()) return empty();
    const Copy& copy =
        copies_[static_cast<std::size_t>(choose.between(0, static_cast<int>(copies_.size()) - 1))];
    Loss loss;
    loss.copied = copy.taken;
    loss.epoch = copy.epoch;
    loss.start = world_.journal().now();
    server_.kill();
    fs::remove_all(data());
    fs::copy(copy.folder, data(), fs::copy_options::recursive);
    server_.start();
    loss.end = world_.journal().now();
    world_.journal().add(loss);
  }

  World& world_;
  test::RedisServer server_;
  std::vector<std::unique_ptr<test::TcpProxy>> lines_;
  std::vector<Copy> copies_;
  bool stopped_ = false;
};

}  // namespace

std::unique_ptr<Store> make_redis_store(World& world) {
  return std::make_unique<RedisStore>(world);
}

}  // namespace rz::nemesis
