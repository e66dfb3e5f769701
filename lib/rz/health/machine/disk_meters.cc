#include "rz/health/machine/disk_meters.h"

#include <condition_variable>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <system_error>
#include <thread>

#include "rz/base/duration.h"
#include "rz/base/text.h"

namespace rz::health {

using std::chrono::steady_clock;

/// What the threads and measure() have in common.
struct DiskMeters::Shared {
  std::function<Result<DiskUsage>(const std::string&)> meter;
  std::mutex mutex;  ///< Guards what follows.
  std::condition_variable answered;
  std::map<std::string, steady_clock::time_point> out;  ///< Who is being asked, and since when.
  std::uint64_t round = 0;                              ///< Which call of measure() it is.
  std::map<std::string, Result<DiskUsage>> answers;     ///< Of the present round.
};

/// One call of measure(). Its members are called with the mutex held.
class DiskMeters::Round {
 public:
  Round(std::shared_ptr<Shared> shared, const std::vector<std::string>& paths, Millis timeout)
      : shared_(std::move(shared)), paths_(paths), timeout_(timeout), asked_(paths.size(), false) {
    ++shared_->round;
    shared_->answers.clear();
  }

  /// Asks whom it may; whether all who were asked have answered. One that an earlier round has
  /// asked in vain is not waited for.
  bool proceed() {
    for (std::size_t i = 0; i < paths_.size(); ++i) {
      const bool may = !asked_[i] && !shared_->out.contains(paths_[i]);
      if (may && shared_->out.size() < kMaxThreads) ask(i);
    }
    for (std::size_t i = 0; i < paths_.size(); ++i) {
      if (asked_[i] && !shared_->answers.contains(paths_[i])) return false;
    }
    return true;
  }

  std::vector<Result<DiskUsage>> results() const {
    std::vector<Result<DiskUsage>> results;
    for (std::size_t i = 0; i < paths_.size(); ++i) {
      const auto answer = shared_->answers.find(paths_[i]);
      results.push_back(answer != shared_->answers.end() ? answer->second : silence_of(i));
    }
    return results;
  }

 private:
  void ask(std::size_t i) {
    asked_[i] = true;
    shared_->out.emplace(paths_[i], steady_clock::now());
    try {
      std::thread([shared = shared_, path = paths_[i], round = shared_->round] {
        Result<DiskUsage> answer = shared->meter(path);
        const std::lock_guard lock(shared->mutex);
        shared->out.erase(path);
        // One that comes after its round was over is of another time: the path is asked again.
        if (shared->round == round) shared->answers.insert_or_assign(path, std::move(answer));
        shared->answered.notify_all();
      }).detach();
    } catch (const std::system_error& error) {
      shared_->out.erase(paths_[i]);
      shared_->answers.insert_or_assign(paths_[i],
                                        not_asked(i, std::string("no thread: ") + error.what()));
    }
  }

  Result<DiskUsage> not_asked(std::size_t i, const std::string& why) const {
    return fail_own_side(ErrorCode::unavailable, "was not asked: " + why, printable(paths_[i]));
  }

  Result<DiskUsage> silence_of(std::size_t i) const {
    const auto out = shared_->out.find(paths_[i]);
    if (out == shared_->out.end()) {
      return not_asked(i, "others that do not answer hold all threads");
    }
    const auto waited = std::chrono::floor<Millis>(steady_clock::now() - out->second);
    return fail(ErrorCode::timeout,
                asked_[i] ? "no answer within " + format_duration(timeout_)
                          : "an earlier call has not returned for " + humanize_duration(waited),
                printable(paths_[i]));
  }

  std::shared_ptr<Shared> shared_;
  const std::vector<std::string>& paths_;
  Millis timeout_;
  std::vector<bool> asked_;
};

DiskMeters::DiskMeters(std::function<Result<DiskUsage>(const std::string&)> meter)
    : shared_(std::make_shared<Shared>()) {
  shared_->meter = std::move(meter);
}

DiskMeters::~DiskMeters() = default;

std::vector<Result<DiskUsage>> DiskMeters::measure(const std::vector<std::string>& paths,
                                                   Millis timeout) {
  const auto end = steady_clock::now() + timeout;
  std::unique_lock lock(shared_->mutex);
  Round round(shared_, paths, timeout);
  shared_->answered.wait_until(lock, end, [&] { return round.proceed(); });
  return round.results();
}

}  // namespace rz::health
