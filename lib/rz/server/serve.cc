#include "rz/server/serve.h"

#include <poll.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <thread>
#include <utility>

#include "rz/base/descriptor_limit.h"
#include "rz/base/file.h"
#include "rz/base/foreground.h"
#include "rz/base/text.h"
#include "rz/base/try.h"
#include "rz/server/check_job.h"
#include "rz/server/refresher.h"
#include "rz/server/service.h"
#include "rz/server/service_manager.h"
#include "rz/storage/storage_url.h"

namespace rz::server {
namespace {

using SteadyClock = std::chrono::steady_clock;

// How long a name to listen at may be looked up.
constexpr Millis kNameTime{10'000};
// How long the threads may take to end once nothing is asked of them any more.
constexpr Millis kEndTime{1'000};
// Beyond the time of a run of checks, what a refresh needs to open the store and to send metrics.
// After that it hangs.
constexpr Millis kRefreshGrace{60'000};
// The thread of the connections wakes up several times a second.
constexpr Millis kServerGrace{10'000};

/// The signals that steer a service, taken one by one instead of interrupting anything.
class Signals {
 public:
  Signals() {
    ::sigemptyset(&taken_);
    for (const int signal : {SIGTERM, SIGINT, SIGHUP}) ::sigaddset(&taken_, signal);
    ::pthread_sigmask(SIG_BLOCK, &taken_, &before_);
    fd_ = UniqueFd(::signalfd(-1, &taken_, SFD_CLOEXEC | SFD_NONBLOCK));
  }
  ~Signals() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  Signals(const Signals&) = delete;
  Signals& operator=(const Signals&) = delete;

  /// The next one; 0: none within `patience`.
  int wait(Millis patience) {
    pollfd wanted{fd_.get(), POLLIN, 0};
    ::poll(&wanted, 1, static_cast<int>(std::max(patience, Millis{0}).count()));
    signalfd_siginfo info{};
    return ::read(fd_.get(), &info, sizeof info) == sizeof info ? static_cast<int>(info.ssi_signo)
                                                                : 0;
  }

 private:
  sigset_t taken_{};
  sigset_t before_{};
  UniqueFd fd_;
};

Result<std::vector<Listener>> open_listeners(const std::vector<std::string>& addresses) {
  std::vector<Listener> listeners;
  for (const std::string& text : addresses) {
    TRY_ASSIGN(const net::ListenAddress address, net::parse_listen_address(text));
    TRY_ASSIGN(auto opened, Listener::open(address, SteadyClock::now() + kNameTime));
    std::move(opened.begin(), opened.end(), std::back_inserter(listeners));
  }
  return listeners;
}

/// The serving of one process, from its first thread to its last.
class Serving {
 public:
  Serving(const ServeSetup& setup, Clock& clock)
      : setup_(setup), clock_(clock), manager_(ServiceManager::from_environment()) {}

  Result<bool> run() {
    TRY(start());
    say("listening on " + where_);
    manager_.ready(service_->summary());
    int signal = 0;
    while (signal != SIGTERM && signal != SIGINT) {
      signal = signals_.wait(time_to_look());
      if (signal == SIGHUP) reload();
      look_after();
    }
    drain(signal);
    return end();
  }

 private:
  Result<void> start();
  Result<std::unique_ptr<CheckJob>> make_job() const;
  static Refresher::Work work_of(std::unique_ptr<CheckJob> job);
  HttpLimits limits_of(const health::ServeOptions& options) const;
  void warn_of_openness(const std::vector<Listener>& listeners) const;
  void reload();
  void look_after();
  void drain(int signal);
  bool goes_on_until(SteadyClock::time_point end);
  bool end();

  // Until the watchdog must hear of this process, and no longer than a second.
  Millis time_to_look() const {
    constexpr Millis kLongest{1'000};
    if (!manager_.interval()) return kLongest;
    const auto left = next_alive_ - SteadyClock::now();
    return std::clamp(std::chrono::ceil<Millis>(left), Millis{1}, kLongest);
  }
  void say(std::string what) const { setup_.tell({Notice::Severity::note, std::move(what)}); }
  void warn(std::string what) const { setup_.tell({Notice::Severity::warning, std::move(what)}); }

  const ServeSetup& setup_;
  Clock& clock_;
  Signals signals_;
  ServiceManager manager_;
  std::string where_;
  Millis run_time_{};  ///< How long a run of the checks may take.
  bool hang_told_ = false;
  // The service is used by all threads, and by such as are left behind.
  std::shared_ptr<Service> service_;
  std::unique_ptr<HttpServer> server_;
  std::unique_ptr<WebhookWorker> worker_;
  std::unique_ptr<Refresher> refresher_;
  std::thread serving_;
  std::atomic<bool> served_{false};  ///< It has ended.
  SteadyClock::time_point next_alive_{};
};

Result<std::unique_ptr<CheckJob>> Serving::make_job() const {
  return CheckJob::make(
      setup_.runtime, setup_.tell,
      [service = service_](std::shared_ptr<const Snapshot> snapshot, const std::string& trouble) {
        service->publish(std::move(snapshot), trouble);
      },
      clock_);
}

Refresher::Work Serving::work_of(std::unique_ptr<CheckJob> job) {
  return [job = std::shared_ptr<CheckJob>(std::move(job))] { job->run(); };
}

Result<void> Serving::start() {
  allow_descriptors();
  TRY_ASSIGN(auto listeners, take_handed_listeners());
  service_ = std::make_shared<Service>(health::ServeOptions{}, manager_, setup_.tell, clock_);
  TRY_ASSIGN(auto job, make_job());
  const config::Config& config = job->config();
  service_->set_options(config.serve);
  run_time_ = config.health.timeout;
  if (listeners.empty()) {
    TRY_ASSIGN(listeners,
               open_listeners(setup_.listen.empty() ? config.serve.listen : setup_.listen));
  }
  for (const Listener& listener : listeners) {
    where_ += (where_.empty() ? "" : ", ") + listener.name();
  }
  warn_of_openness(listeners);
  TRY_ASSIGN(server_, make_http_server(std::move(listeners), limits_of(config.serve), *service_));
  worker_ = std::make_unique<WebhookWorker>(
      setup_.runtime, setup_.tell,
      [service = service_](std::uint64_t exchange, Answer answer, std::size_t ingested) {
        service->delivered(exchange, std::move(answer), ingested);
      },
      clock_);
  service_->connect(worker_.get(), server_.get());
  const Millis refresh = config.serve.refresh;
  refresher_ = std::make_unique<Refresher>(work_of(std::move(job)), refresh);
  serving_ = std::thread([this] {
    server_->run();
    served_ = true;
  });
  return {};
}

// The checks, the store and the sinks need descriptors, too.
HttpLimits Serving::limits_of(const health::ServeOptions& options) const {
  constexpr std::size_t kFewest = 4;
  HttpLimits limits = {
      .connections = static_cast<std::size_t>(options.max_connections),
      .connections_per_client = static_cast<std::size_t>(options.max_connections_per_client),
      .header_bytes = options.max_header_size,
      .body_bytes = options.max_body_size,
      .request_timeout = options.request_timeout,
      .idle_timeout = options.idle_timeout};
  const std::size_t most = std::max(kFewest, descriptor_limit() / 4);
  if (limits.connections <= most) return limits;
  warn("this process may open " + std::to_string(descriptor_limit()) +
       " files, so there are at most " + std::to_string(most) + " connections instead of " +
       std::to_string(limits.connections) +
       "; raise its limit (ulimit -n, LimitNOFILE=) or lower 'serve.max_connections'");
  limits.connections = most;
  return limits;
}

void Serving::warn_of_openness(const std::vector<Listener>& listeners) const {
  if (service_->options()->details != health::Details::always) return;
  for (const Listener& listener : listeners) {
    if (listener.local()) continue;
    warn("everybody who reaches " + listener.name() +
         " can read the messages of the checks; 'details: token' withholds them");
    return;
  }
}

// A wrong configuration changes nothing.
void Serving::reload() {
  manager_.reloading();
  auto job = make_job();
  if (!job) {
    warn("the configuration is not read again, as it is wrong; the one before stays in force: " +
         to_string(job.error()));
    return manager_.ready(service_->summary());
  }
  const config::Config& config = (*job)->config();
  const health::ServeOptions before = *service_->options();
  service_->set_options(config.serve);
  server_->set_limits(limits_of(config.serve));
  run_time_ = config.health.timeout;
  if (setup_.listen.empty() && before.listen != config.serve.listen) {
    warn("'serve.listen' has changed; only a restart listens elsewhere");
  }
  worker_->reload();
  const Millis refresh = config.serve.refresh;
  const bool running = refresher_->state().running;
  refresher_->replace(work_of(*std::move(job)), refresh);
  if (hang_told_) {
    warn(
        "the configuration was read again, but a refresh hangs: what it says of the checks and of "
        "the store counts once that ends, or after a restart");
  } else {
    say(std::string("the configuration was read again") +
        (running ? "; its checks are run once the present refresh has ended" : ""));
  }
  manager_.ready(service_->summary());
}

// The manager hears that this process lives only while both that serves and that refreshes do: it
// may restart the process where one of them hangs for good.
void Serving::look_after() {
  service_->watch_age();
  const auto now = SteadyClock::now();
  const Refresher::State refresh = refresher_->state();
  const bool refresh_hangs = refresh.running && now > refresh.since + run_time_ + kRefreshGrace;
  const bool server_hangs = now > server_->last_beat() + kServerGrace;
  if (refresh_hangs && !std::exchange(hang_told_, true)) {
    warn("a refresh hangs: it has not ended in its time");
  }
  if (!refresh_hangs) hang_told_ = false;
  const auto interval = manager_.interval();
  if (!interval || refresh_hangs || server_hangs || now < next_alive_) return;
  manager_.alive();
  next_alive_ = now + *interval;
}

void Serving::drain(int signal) {
  service_->begin_draining();
  manager_.stopping();
  server_->stop_keeping_alive();
  say("told to stop by " + signal_name(signal) + "; not ready from now on");
  goes_on_until(SteadyClock::now() + service_->options()->drain);
  server_->drain();
  // The server bounds the time of each request itself.
  if (!goes_on_until(SteadyClock::time_point::max())) {
    say("told to stop again; requests that have begun are not waited for");
    server_->stop();
  }
  serving_.join();
}

// Until `end`, or until all is served. False: told again to stop, by somebody in a hurry.
bool Serving::goes_on_until(SteadyClock::time_point end) {
  constexpr Millis kShortest{20};  // The end of serving is seen within that time.
  while (!served_ && SteadyClock::now() < end) {
    const int again = signals_.wait(std::min(kShortest, time_to_look()));
    if (again == SIGTERM || again == SIGINT) return false;
    look_after();
  }
  return true;
}

// A thread that is left behind may still use what is here.
bool Serving::end() {
  const bool worker_ended = worker_->stop(kEndTime);
  const bool refresher_ended = refresher_->stop(kEndTime);
  say("stopped");
  return !worker_ended || !refresher_ended || CheckJob::any_left_behind();
}

}  // namespace

Result<bool> serve(const ServeSetup& setup, Clock& clock) {
  if (!setup.runtime.storage_url.empty()) {
    if (auto url = storage::parse_storage_url(setup.runtime.storage_url); !url) {
      return fail(ErrorCode::invalid_argument, url.error().message, setup.runtime.storage_source);
    }
  }
  auto serving = std::make_unique<Serving>(setup, clock);
  auto served = serving->run();
  if (served && *served) (void)serving.release();  // See Serving::end().
  return served;
}

}  // namespace rz::server
