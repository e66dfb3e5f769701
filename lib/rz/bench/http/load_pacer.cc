#include "rz/bench/http/load_pacer.h"

#include <algorithm>
#include <limits>

#include "rz/bench/http/schedule.h"

namespace rz::bench {
namespace {

/// Each place for a request sends the next one as soon as it has the answer to the last.
class ClosedPacer final : public LoadPacer {
 public:
  explicit ClosedPacer(const LoadOptions& options)
      : warm_up_(options.warm_up),
        duration_(options.duration),
        left_(options.requests.value_or(std::numeric_limits<std::int64_t>::max())) {}

  void begin(LoadTime now) override {
    measured_from_ = now + warm_up_;
    end_ = measured_from_ + duration_;
  }
  void advance(LoadTime, std::size_t) override {}
  std::optional<LoadTime> take(LoadTime now, LoadTime free_since) override {
    if (is_over(now)) return std::nullopt;
    if (free_since >= measured_from_) --left_;
    return free_since;
  }
  LoadTime next_due() const override { return kNever; }
  bool is_over(LoadTime now) const override { return left_ <= 0 || now >= end_; }
  std::size_t waiting() const override { return 0; }

 private:
  const LoadTime warm_up_;
  const LoadTime duration_;
  LoadTime end_ = kNever;
  std::int64_t left_;
};

/// Requests become due as a plan says, whether earlier ones were answered or not.
class OpenPacer final : public LoadPacer {
 public:
  OpenPacer(const LoadOptions& options, std::size_t slots)
      : warm_up_(options.warm_up),
        warm_up_plan_({*options.rate, *options.rate, options.warm_up, options.arrivals, 2}),
        plan_({*options.rate, options.end_rate.value_or(*options.rate), options.duration,
               options.arrivals, 1}),
        timeout_(options.timeout),
        left_(options.requests.value_or(std::numeric_limits<std::int64_t>::max())),
        most_waiting_(
            static_cast<std::size_t>(options.queue.value_or(static_cast<std::int64_t>(slots)))),
        // What is due at once and can be sent at once goes through the queue, too.
        ring_(std::max<std::size_t>(most_waiting_ + slots, 1)) {}

  void begin(LoadTime now) override {
    begin_ = now;
    measured_from_ = now + warm_up_;
    find_next();
  }

  void advance(LoadTime now, std::size_t free) override {
    drop_overdue(now);
    for (; next_ <= now; find_next()) {
      const bool counts = next_ >= measured_from_;
      if (counts) figures_.lateness.record(now - next_);
      if (size_ < free) {
        push(next_);
      } else if (size_ - free < most_waiting_) {
        push(next_);
        figures_.queued += counts;
      } else {
        figures_.dropped += counts;
      }
    }
  }

  std::optional<LoadTime> take(LoadTime, LoadTime) override {
    if (size_ == 0) return std::nullopt;
    const LoadTime due = ring_[first_];
    pop();
    return due;
  }

  LoadTime next_due() const override { return next_; }
  bool is_over(LoadTime) const override { return next_ == kNever && size_ == 0; }
  std::size_t waiting() const override { return size_; }

 private:
  void push(LoadTime due) {
    ring_[(first_ + size_) % ring_.size()] = due;
    ++size_;
  }
  void pop() {
    first_ = (first_ + 1) % ring_.size();
    --size_;
  }

  // Nobody would wait for its answer any more.
  void drop_overdue(LoadTime now) {
    while (size_ > 0 && now - ring_[first_] > timeout_) {
      figures_.dropped += ring_[first_] >= measured_from_;
      pop();
    }
  }

  void find_next() {
    if (warming_up_) {
      if (const auto offset = warm_up_plan_.next()) {
        next_ = begin_ + *offset;
        return;
      }
      warming_up_ = false;
    }
    const auto offset = left_-- > 0 ? plan_.next() : std::nullopt;
    next_ = offset ? measured_from_ + *offset : kNever;
  }

  const LoadTime warm_up_;
  ArrivalSchedule warm_up_plan_;
  ArrivalSchedule plan_;
  const LoadTime timeout_;
  std::int64_t left_;
  const std::size_t most_waiting_;
  std::vector<LoadTime> ring_;  ///< `size_` requests from `first_` on, each when it was due.
  std::size_t first_ = 0;
  std::size_t size_ = 0;
  bool warming_up_ = true;
  LoadTime begin_{0};
  LoadTime next_ = kNever;
};

}  // namespace

std::unique_ptr<LoadPacer> make_load_pacer(const LoadOptions& options, std::size_t slots) {
  if (options.rate) return std::make_unique<OpenPacer>(options, slots);
  return std::make_unique<ClosedPacer>(options);
}

}  // namespace rz::bench
