#include "rz/bench/http/load_run.h"

#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <memory>
#include <utility>
#include <vector>

#include "rz/base/file.h"
#include "rz/base/invariant.h"
#include "rz/base/try.h"
#include "rz/bench/http/http2_connection.h"
#include "rz/bench/http/load_address.h"
#include "rz/bench/http/load_connection.h"
#include "rz/bench/http/load_pacer.h"
#include "rz/bench/http/load_recorder.h"
#include "rz/bench/http/load_request.h"

namespace rz::bench {
namespace {

constexpr std::chrono::milliseconds kTick{50};
// The kernel wakes a sleeper some ten microseconds late. The last stretch before a request is due
// is not slept, so that it is sent on time.
constexpr std::chrono::microseconds kAwakeBefore{50};
constexpr std::size_t kReadSize = 64 * 1024;
constexpr std::size_t kOtherDescriptors = 64;

std::chrono::nanoseconds processor_time() {
  timespec time{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return std::chrono::seconds{time.tv_sec} + std::chrono::nanoseconds{time.tv_nsec};
}

/// Lets the process have as many descriptors as it may.
Result<void> allow_descriptors(std::size_t connections) {
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  if (limit.rlim_cur < limit.rlim_max) {
    limit.rlim_cur = limit.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &limit);
    ::getrlimit(RLIMIT_NOFILE, &limit);
  }
  if (connections + kOtherDescriptors <= limit.rlim_cur) return {};
  return fail(ErrorCode::invalid_argument,
              std::to_string(connections) + " connections need more descriptors than the " +
                  std::to_string(limit.rlim_cur) + " that a process may have here (ulimit -n)");
}

/// A run: the one thread that waits for all sockets, and for what becomes due.
class LoadLoop final : LoadHost {
 public:
  LoadLoop(const LoadOptions& load, const LoadRunOptions& run, std::vector<LoadRequest> prepared)
      : run_(run),
        requests_(std::move(prepared)),
        recorder_(requests_),
        slots_(static_cast<std::size_t>(load.connections) *
               static_cast<std::size_t>(load.http2 ? load.streams : 1)),
        pacer_(make_load_pacer(load, slots_)),
        order_(weighted_order(weights_of(load))),
        bytes_(kReadSize) {
    options = &load;
    requests = &requests_;
    recorder = &recorder_;
    buffer = bytes_;
    recorder_.result.open_loop = load.rate.has_value();
  }

  Result<LoadResult> run(const LoadTarget& target) {
    TRY(prepare(target));
    TRY(connect_all());
    begin();
    while (!is_done() && !stopped_) step();
    return finish();
  }

 private:
  static std::vector<int> weights_of(const LoadOptions& load) {
    if (load.endpoints.empty()) return {1};
    std::vector<int> weights;
    for (const LoadEndpoint& endpoint : load.endpoints) weights.push_back(endpoint.weight);
    return weights;
  }

  Result<void> prepare(const LoadTarget& target) {
    TRY(allow_descriptors(static_cast<std::size_t>(options->connections)));
    const Deadline deadline = std::chrono::steady_clock::now() + options->timeout;
    TRY_ASSIGN(address, find_load_address(target, run_.allow_remote, deadline));
    if (target.tls) {
      TRY_ASSIGN(tls, net::make_tls_streams(options->tls, target.host,
                                            {options->http2 ? "h2" : "http/1.1"}));
    }
    epoll = UniqueFd(::epoll_create1(EPOLL_CLOEXEC));
    if (!epoll) return fail(ErrorCode::unavailable, "epoll: " + errno_text(errno));
    for (int i = 0; i < options->connections; ++i) {
      if (!options->http2) {
        connections_.push_back(make_http1_connection(*this));
        continue;
      }
      TRY_ASSIGN(auto connection, make_http2_connection(*this));
      connections_.push_back(std::move(connection));
    }
    return {};
  }

  // Before the clock of the run starts, so that the first requests are like the later ones.
  Result<void> connect_all() {
    const LoadTime start = load_clock();
    started_ = next_tick_ = start;
    for (const auto& connection : connections_) connection->connect(load_clock());
    const auto connecting = [](const auto& connection) { return connection->is_connecting(); };
    const LoadTime end = start + options->timeout;
    while (std::any_of(connections_.begin(), connections_.end(), connecting) && !stopped_ &&
           load_clock() < end) {
      wait(next_tick_);
    }
    const auto open = [](const auto& connection) { return connection->is_open(); };
    if (stopped_ || std::any_of(connections_.begin(), connections_.end(), open)) return {};
    return fail(ErrorCode::unavailable,
                "no connection could be made: " + recorder_.result.first_failure);
  }

  void begin() {
    processor_ = processor_time();
    // As exact as the kernel can be; without this it may wake this thread 50 us later.
    ::prctl(PR_SET_TIMERSLACK, 1, 0, 0, 0);
    started_ = load_clock();
    running_ = true;
    pacer_->begin(started_);
    recorder_.begin(pacer_->measured_from());
    for (const auto& connection : connections_) {
      connection->set_free_since(std::max(started_, connection->free_since()));
    }
  }

  bool is_done() const { return in_flight == 0 && pacer_->is_over(load_clock()); }

  void step() {
    const LoadTime now = load_clock();
    pacer_->advance(now, slots_ - std::min(slots_, in_flight));
    send_what_waits(now);
    const LoadTime due = pacer_->next_due();
    wait(due == kNever ? next_tick_ : std::min(next_tick_, due - kAwakeBefore));
  }

  /// Waits for sockets until `until`, and sees to them.
  void wait(LoadTime until) {
    const LoadTime left = std::max(until - load_clock(), LoadTime{0});
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(left);
    const timespec timeout{seconds.count(), (left - seconds).count()};
    std::array<epoll_event, 256> events;
    int count = ::epoll_pwait2(epoll.get(), events.data(), events.size(), &timeout, nullptr);
    // Older kernels, and filters of system calls, know only the one that waits for milliseconds.
    if (count < 0 && (errno == ENOSYS || errno == EPERM)) {
      count = ::epoll_wait(epoll.get(), events.data(), events.size(),
                           static_cast<int>(left / std::chrono::milliseconds{1}));
    }
    const LoadTime now = load_clock();
    for (int i = 0; i < count; ++i) {
      const epoll_event& event = events[static_cast<std::size_t>(i)];
      static_cast<LoadConnection*>(event.data.ptr)->on_event(event.events, now);
    }
    if (now >= next_tick_) tick(now);
  }

  void tick(LoadTime now) {
    next_tick_ = now + kTick;
    for (const auto& connection : connections_) connection->tick(now);
    LoadResult& so_far = recorder_.result;
    so_far.queued = pacer_->figures().queued;
    so_far.dropped = pacer_->figures().dropped;
    const bool warming_up = now < pacer_->measured_from();
    stopped_ |= !run_.go_on({now - started_, warming_up, so_far, in_flight, pacer_->waiting()});
  }

  // ---- LoadHost

  void is_free(LoadConnection& connection, LoadTime now) override {
    if (!connection.is_listed) {
      connection.is_listed = true;
      free_.push_back(&connection);
    }
    if (running_) send_what_waits(now);
  }

  void could_not_connect(LoadConnection& connection, LoadError error, LoadTime now) override {
    if (!running_) return;
    if (const auto due = pacer_->take(now, connection.free_since())) {
      recorder_.failed({*due, now, next_endpoint()}, error, now);
    }
  }

  bool wants_connections() const override { return !running_ || !pacer_->is_over(load_clock()); }

  /// The last that became free is the first to be used: its memory is in the cache.
  void send_what_waits(LoadTime now) {
    while (!free_.empty()) {
      LoadConnection& connection = *free_.back();
      if (!connection.can_start()) {
        connection.is_listed = false;
        free_.pop_back();
        continue;
      }
      const auto due = pacer_->take(now, connection.free_since());
      if (!due) return;
      last_sent_ = now;
      connection.start({*due, now, next_endpoint()});
      now = free_.size() > 1 ? load_clock() : now;
    }
  }

  std::uint16_t next_endpoint() {
    if (order_.size() == 1) return order_.front();
    next_in_order_ = (next_in_order_ + 1) % order_.size();
    return order_[next_in_order_];
  }

  LoadResult finish() {
    ::prctl(PR_SET_TIMERSLACK, 0, 0, 0, 0);  // As it was.
    recorder_.finish();
    LoadResult& result = recorder_.result;
    if (stopped_) {
      result.interrupted = true;
      for (const auto& connection : connections_) connection->abandon();
      result.abandoned += pacer_->waiting();
    }
    const LoadTime now = load_clock();
    const LoadTime from = running_ ? std::min(pacer_->measured_from(), now) : now;
    const bool counted = options->requests && !stopped_;
    const LoadTime until = counted ? std::max(last_sent_, from) : from + options->duration;
    result.sending = std::min(until, now) - from;
    result.elapsed = std::max(recorder_.last_event() - from, result.sending);
    result.processor = processor_time() - processor_;
    const auto whole = std::max(now - started_, LoadTime{1});
    result.processor_share = std::chrono::duration<double>(result.processor) / whole;
    result.queued = pacer_->figures().queued;
    result.dropped = pacer_->figures().dropped;
    result.lateness = pacer_->figures().lateness;
    return std::move(result);
  }

  const LoadRunOptions& run_;
  const std::vector<LoadRequest> requests_;
  LoadRecorder recorder_;
  const std::size_t slots_;
  const std::unique_ptr<LoadPacer> pacer_;
  const std::vector<std::uint16_t> order_;
  std::vector<char> bytes_;
  std::vector<std::unique_ptr<LoadConnection>> connections_;
  std::vector<LoadConnection*> free_;
  std::size_t next_in_order_ = 0;
  LoadTime started_{0};
  LoadTime next_tick_{0};
  LoadTime last_sent_{0};
  std::chrono::nanoseconds processor_{0};
  bool running_ = false;
  bool stopped_ = false;
};

}  // namespace

Result<LoadResult> run_load(const LoadOptions& options, const LoadRunOptions& run) {
  TRY_ASSIGN(const LoadTarget target, parse_load_target(options.url));
  TRY_ASSIGN(std::vector<LoadRequest> requests, make_load_requests(options, target));
  return LoadLoop(options, run, std::move(requests)).run(target);
}

}  // namespace rz::bench
