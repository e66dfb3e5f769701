#include "rz/runtime/runtime.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <utility>
#include <vector>

#include "rz/base/descriptor_limit.h"
#include "rz/base/same_file.h"
#include "rz/fallback/identity.h"
#include "rz/fallback/mode_state.h"
#include "rz/fallback/offline/spool.h"
#include "rz/fallback/poll.h"
#include "rz/health/judging/held_results.h"
#include "rz/health/judging/status_history.h"
#include "rz/health/make_check.h"
#include "rz/metrics/tee_metrics_sink.h"
#include "rz/runtime/opened_store.h"
#include "rz/runtime/tell.h"
#include "rz/storage/storage_url.h"

namespace rz::runtime {
namespace {

constexpr Millis kLeastDeadline{10'000};

// How long a report waits for what was found in earlier runs.
constexpr Millis kHoldingWait{2'000};

// None for a store in memory, which ends with this process, and if this user has no folder to keep
// it in.
std::shared_ptr<fallback::Spool> spool_for(const std::string& store) {
  const auto folder = fallback::default_spool_folder();
  return store.empty() || !folder ? nullptr : make_spool(*folder, store);
}

// In whose name this host votes.
std::string voter_of(const VoteOptions& votes) {
  return votes.voter.empty() ? fallback::host_name() : votes.voter;
}

ReadSet joined(ReadSet all, const ReadSet& more) {
  all.keys.insert(all.keys.end(), more.keys.begin(), more.keys.end());
  all.collections.insert(all.collections.end(), more.collections.begin(), more.collections.end());
  all.logs.insert(all.logs.end(), more.logs.begin(), more.logs.end());
  return all;
}

}  // namespace

Runtime::Runtime(RuntimeOptions options, Notices& notices, Clock& clock)
    : options_(std::move(options)), notices_(notices), clock_(clock) {}

Result<const config::Config*> Runtime::config() {
  if (config_) return config_.get();
  const auto path = config::find_config(options_.config, config::process_environment);
  auto loaded = config::load_config(path.value_or(""));
  if (!loaded) {
    // The place of the error is the file itself, so it cannot be read at all. If a flag named it
    // the user sees that; a variable is easily forgotten.
    const bool named_by_variable = options_.config.empty() && path == loaded.error().where;
    if (named_by_variable && path == config::process_environment("RZ_CONFIG")) {
      loaded.error().message += " (RZ_CONFIG names it)";
    }
    return fail(std::move(loaded).error());
  }
  config_ = std::make_unique<config::Config>(std::move(*loaded));
  notices_.add(config_->notices);
  notices_.note(path ? "configuration: " + *path : "no configuration file; the defaults are used");
  return config_.get();
}

Result<StorageOptions> Runtime::storage_options() {
  const auto loaded = config();
  if (!loaded) return fail(loaded.error());
  StorageOptions options = (*loaded)->storage;
  if (!options_.storage_url.empty()) options.url = options_.storage_url;
  return options;
}

Result<Storage*> Runtime::storage() { return storage_within(std::nullopt); }

// `most`: how long opening may take; nothing: default_deadline().
Result<Storage*> Runtime::storage_within(std::optional<Millis> most) {
  if (storage_) return storage_.get();
  auto options = storage_options();
  if (!options) return fail(std::move(options).error());
  options->open_within = most ? *most : *default_deadline();
  // The configuration warns about its own URL.
  const auto given = storage::parse_storage_url(options_.storage_url);
  if (given && given->tls_parameters.verify == false) {
    notices_.warn("verify=false in the storage URL: the server's certificate is not verified");
  }
  storage_identity_ = store_identity(*options);
  auto opened = open_store({.options = *std::move(options),
                            .source = options_.storage_source,
                            .reopens = options_.reopens_store,
                            .absent = absent_store_,
                            .is_known = [this] { return knows_of_store(); }},
                           notices_, clock_);
  if (!opened) return fail(std::move(opened).error());
  open_error_ = std::move(opened->outage);
  storage_ = std::make_unique<storage::ReadAhead>(std::move(opened->storage));
  notices_.note("store: " + storage_->description());
  return storage_.get();
}

bool Runtime::owns_file(const std::string& path) {
  const auto loaded = config();
  if (!loaded) return false;
  const auto is_it = [&](const std::string& own) { return is_same_file(path, own); };
  if (is_it((*loaded)->path)) return true;
  const auto folder = fallback::default_spool_folder();
  if (folder && final_path(path).parent_path() == final_path(*folder)) return true;
  const std::string store = file_of_store(*storage_options());
  if (store.empty()) return false;
  constexpr const char* kBesideStore[] = {"", "-wal", "-shm", "-journal"};
  return std::any_of(std::begin(kBesideStore), std::end(kBesideStore),
                     [&](const char* ending) { return is_it(store + ending); });
}

const std::string& Runtime::scope() const { return scope_ ? *scope_ : config_->fallback.scope; }

Result<void> Runtime::use_scope(const std::string& scope) {
  if (auto right = fallback::check_scope(scope); !right) return right;
  scope_ = scope;
  return {};
}

Result<Storage*> Runtime::storage_of_mode() {
  const auto whole = storage();
  if (!whole) return whole;
  // A log that was made with it may still be in use.
  if (!unbounded_mode_) {
    unbounded_mode_ = std::make_unique<fallback::ScopedStorage>(**whole, scope());
  }
  return unbounded_mode_.get();
}

// Each scope has decisions of its own that wait.
std::shared_ptr<fallback::Spool> Runtime::spool_of_mode() const {
  if (storage_identity_.empty() || scope().empty()) return spool_for(storage_identity_);
  return spool_for(storage_identity_ + " scope " + scope());
}

// Whether this host knows anything of the store, which it would put back into an empty one.
bool Runtime::knows_of_store() const {
  const auto spool = spool_of_mode();
  if (!spool) return false;
  const auto view = spool->peek_known();
  return !view || view->known || spool->pending();
}

// What a decision of the mode asks for, as the store has it.
ReadSet Runtime::decision_read_set() const {
  const FallbackOptions& options = config_->fallback;
  ReadSet what = fallback::poll_read_set(voter_of(options.votes), options.stale_after.has_value());
  what.keys.emplace_back(fallback::kModeStateKey);
  what.logs.emplace_back(kTransitionLog);
  return fallback::ScopedStorage(*storage_, scope()).renamed(std::move(what));
}

Result<Storage*> Runtime::lasting_storage() {
  const auto lasting = storage();
  if (!lasting || (*lasting)->lasts()) return lasting;
  return fail(ErrorCode::invalid_argument,
              "a store in memory is gone when this command ends, so nothing would be kept; name a "
              "file or a server",
              options_.storage_source);
}

// The store, with `deadline` for opening it and for all calls, and not asked again once it was
// found to be away. The one that an earlier call returned is destroyed.
Result<storage::BoundedStorage*> Runtime::bound_storage(
    const std::optional<storage::RunDeadline>& deadline) {
  std::optional<Millis> left;
  if (deadline) {
    left = std::max(std::chrono::floor<Millis>(deadline->end - clock_.monotonic()), Millis::zero());
  }
  const auto whole = storage_within(left);
  if (!whole) return fail(whole.error());
  bounded_.reset();  // Its destructor removes its deadline from the store, so it must come first.
  bounded_ = deadline ? std::make_unique<storage::BoundedStorage>(**whole, clock_, *deadline)
                      : std::make_unique<storage::BoundedStorage>(**whole, clock_, std::nullopt);
  // Opening may have taken all the time: it knows what is wrong, which the deadline does not.
  if (open_error_) bounded_->note_outage(*open_error_);
  return bounded_.get();
}

// Checks that have not returned may use what they were given as long as this exists.
void Runtime::keep_for_abandoned() {
  if (threads_abandoned && bounded_) of_abandoned_.push_back(std::move(bounded_));
}

Result<Millis> Runtime::default_deadline() {
  const auto loaded = config();
  if (!loaded) return fail(loaded.error());
  return std::max(kLeastDeadline, 2 * (*loaded)->storage.timeout);
}

Result<storage::RunDeadline> Runtime::deadline_from_now(std::optional<Millis> deadline) {
  const auto whole = deadline ? Result<Millis>(*deadline) : default_deadline();
  if (!whole) return fail(whole.error());
  return storage::RunDeadline::from_now(clock_, *whole);
}

Result<std::unique_ptr<MetricsSink>> Runtime::sinks() {
  const auto loaded = config();
  if (!loaded) return fail(loaded.error());
  std::vector<std::unique_ptr<MetricsSink>> sinks;
  for (const SinkSpec& spec : (*loaded)->health.metrics) {
    auto sink = metrics::make_sinks({spec}, options_.log);
    if (sink) {
      sinks.push_back(std::move(*sink));
    } else if (sink.error().code == ErrorCode::unavailable) {
      // An unreachable metrics server must not keep the system from being made safe.
      notices_.warn("metrics: " + to_string(sink.error()));
    } else {
      return sink;
    }
  }
  return std::make_unique<metrics::TeeMetricsSink>(std::move(sinks));
}

Result<std::unique_ptr<HealthMonitor>> Runtime::monitor(const CheckSelection& selection,
                                                        std::optional<Millis> timeout,
                                                        MetricsSink* sink) {
  const auto loaded = config();
  if (!loaded) return fail(loaded.error());
  HealthOptions options = (*loaded)->health;
  if (timeout) options.timeout = *timeout;
  // Opened once, and before any check runs on its thread, since a Runtime is for one thread. A run
  // that has less time must not spend more on opening.
  const auto storage = storage_within(std::min(options.timeout, *default_deadline()));
  auto monitor = monitor_on(storage, selection, options, sink);
  if (!monitor) return monitor;
  (*monitor)->set_after_run([this, storage, whole = options.timeout](CheckReport& report) {
    if (!storage) return hold_back(report, storage);
    // A report must not wait for a store that hangs: it has what the run has left, and not much.
    const Millis took{static_cast<Millis::rep>(std::ceil(report.duration_ms))};
    storage::BoundedStorage bounded(**storage, clock_,
                                    std::clamp(whole - took, Millis::zero(), kHoldingWait));
    hold_back(report, static_cast<Storage*>(&bounded));
  });
  return monitor;
}

// Without a store nothing is known of earlier runs, and each result counts as it is.
void Runtime::hold_back(CheckReport& report, const Result<Storage*>& storage) {
  if (!health::any_keeps_history(report)) return;
  Result<void> held;
  if (report.store_outage) {
    held = fail(*report.store_outage);
  } else if (!storage) {
    held = fail(storage.error());
  } else {
    held = health::hold_results(report, **storage, fallback::host_name());
  }
  if (held) return;
  const bool histories = std::any_of(
      report.checks.begin(), report.checks.end(),
      [](const RegisteredCheck& check) { return health::keeps_history(check.options); });
  if (!histories) {
    return notices_.warn("what has grown since the last run is unknown: " +
                         to_string(held.error()));
  }
  notices_.warn(
      "every result is reported as it was found: earlier ones, which fail_after, "
      "pass_after and fail_within count, are unknown: " +
      to_string(held.error()));
}

// If the store cannot be opened, the checks that need it say so and the others run. A wrong URL,
// however, is a mistake of the caller, and says nothing about the store.
Result<std::unique_ptr<HealthMonitor>> Runtime::monitor_on(const Result<Storage*>& storage,
                                                           const CheckSelection& selection,
                                                           const HealthOptions& options,
                                                           MetricsSink* sink) {
  if (!storage && storage.error().code == ErrorCode::invalid_argument) {
    return fail(storage.error());
  }
  const auto source = [storage]() -> Result<Storage*> { return storage; };
  const auto checks = select_checks(
      health::make_checks(options, {source, net::make_http_client, clock_}), selection);
  if (!checks) return fail(checks.error());
  allow_descriptors();
  // What is known of the CPUs outlives this command, so that the next one can tell how busy they
  // were.
  const auto folder = storage::default_state_folder();
  auto monitor = std::make_unique<HealthMonitor>(options, clock_, sink,
                                                 ResourceMeter(folder ? *folder + "/cpu" : ""));
  for (const RegisteredCheck& check : *checks) monitor->register_check(check.check, check.options);
  return monitor;
}

Result<Observation> Runtime::observe(MetricsSink* sink, std::optional<Millis> deadline) {
  auto run = deadline_from_now(deadline);
  if (!run) return fail(run.error());
  const auto loaded = config();
  if (!loaded) return fail(loaded.error());
  // Only an outage is kept: another error comes again where it is handled.
  (void)storage_within(run->whole);
  // The checks have their own timeouts, but those that ask the store keep to its deadline too.
  const auto of_checks = bound_storage(deadline ? std::optional(*run) : std::nullopt);
  if (!of_checks) return fail(of_checks.error());
  const auto monitor = monitor_on(static_cast<Storage*>(*of_checks), {}, (*loaded)->health, sink);
  if (!monitor) return fail(monitor.error());
  (*monitor)->set_after_run([this, &of_checks](CheckReport& report) {
    hold_back(report, static_cast<Storage*>(*of_checks));
  });
  const auto begin_of_checks = clock_.monotonic();
  auto report = (*monitor)->run_checks();
  if (!report) return fail(report.error());
  threads_abandoned = report->abandoned > 0;
  // The time of the checks is their own, but for what they waited for the store.
  const auto checks_took = clock_.monotonic() - begin_of_checks;
  run->end +=
      checks_took - std::min<std::chrono::nanoseconds>(checks_took, (*of_checks)->time_asking());
  // A check that was silent does not know which store it asked.
  if (report->store_outage && report->store_outage->where.empty()) {
    report->store_outage->where = (*of_checks)->description();
  }
  const auto outage = report->store_outage ? report->store_outage : (*of_checks)->outage();
  keep_for_abandoned();
  const auto storage = bound_storage(*run);
  if (!storage) return fail(storage.error());
  if (outage) (*storage)->note_outage(*outage);
  if (!outage && (*storage)->time_left() != Millis::zero()) {
    // One round trip now, instead of one for each part of the state and others for the mode.
    storage_->fetch(joined((*monitor)->read_set(), decision_read_set()));
  }
  auto state = (*monitor)->comprehensive_state(**storage, *report);
  if (state) {
    for (const Error& error : state->unreadable) notices_.warn(to_string(error));
    return Observation{std::move(*state), std::nullopt, *run};
  }
  if (!is_outage(state.error())) return fail(std::move(state).error());
  auto alone = (*monitor)->state_without_store(*report);
  if (!alone) return fail(std::move(alone).error());
  return Observation{std::move(*alone), state.error(), *run};
}

Result<std::unique_ptr<FallbackManager>> Runtime::manager(const ManagerOptions& options) {
  const auto loaded = config();
  if (!loaded) return fail(loaded.error());
  const bool goes_on = options.after != nullptr && options.after->store_until;
  const auto deadline = goes_on ? Result<storage::RunDeadline>(*options.after->store_until)
                                : deadline_from_now(options.deadline);
  if (!deadline) return fail(deadline.error());
  const auto storage = bound_storage(*deadline);
  if (!storage) return fail(storage.error());
  if (options.after != nullptr && options.after->outage) {
    (*storage)->note_outage(*options.after->outage);
  }
  const FallbackOptions& fallback = (*loaded)->fallback;
  // An observation that asked the store has read it ahead, or has found the store away.
  const bool observed = goes_on || (options.after != nullptr && options.after->outage);
  if (options.reads_votes && !observed && !(*storage)->outage()) {
    storage_->fetch(decision_read_set());
  }
  FallbackManagerOptions manager_options;
  manager_options.policy = Policy(fallback.policy, fallback.rules);
  manager_options.recovery = fallback.recovery;
  manager_options.retention = fallback.retention;
  manager_options.max_age_offline = fallback.max_age_offline;
  manager_options.votes = fallback.votes;
  manager_options.flapping = fallback.flapping;
  manager_options.stale_after = fallback.stale_after;
  manager_options.spool = spool_of_mode();
  bounded_mode_ = std::make_unique<fallback::ScopedStorage>(**storage, scope());
  auto manager = std::make_unique<FallbackManager>(*bounded_mode_, std::move(manager_options),
                                                   clock_, options.sink);
  for (const auto& [mode, callback] : fallback.callbacks) {
    ModeCallback call = options_.callback ? options_.callback(callback.run)
                                          : fallback::command_callback(callback.run);
    manager->register_mode_callback(mode, in_this_run(std::move(call)),
                                    {callback.attempts, callback.max_age, callback.run.timeout});
  }
  return manager;
}

// The callback as it is run here: it is told the scope, and its time, for which it has a timeout of
// its own, uses up nothing of the run's. Otherwise what became of it could not be recorded in the
// store, and it would be run again.
ModeCallback Runtime::in_this_run(ModeCallback callback) {
  return [this, callback = std::move(callback)](CallbackRun run) {
    run.scope = scope();
    const std::chrono::nanoseconds begun = clock_.monotonic();
    auto ended = callback(run);
    if (bounded_) bounded_->extend(clock_.monotonic() - begun);
    return ended;
  };
}

Result<fallback::AnomalyDetection> Runtime::detection() {
  const auto loaded = config();
  if (!loaded) return fail(loaded.error());
  const FallbackOptions& fallback = (*loaded)->fallback;
  return fallback::AnomalyDetection(fallback::make_detector(fallback.primary_detector),
                                    fallback::make_detector(fallback.heuristic_detector));
}

Result<std::unique_ptr<fallback::FallbackActions>> Runtime::actions() {
  const auto loaded = config();
  if (!loaded) return fail(loaded.error());
  if (!bounded_) {
    const auto deadline = deadline_from_now(std::nullopt);
    if (!deadline) return fail(deadline.error());
    if (const auto bound = bound_storage(*deadline); !bound) return fail(bound.error());
  }
  auto actions = std::make_unique<fallback::FallbackActions>(*bounded_, clock_);
  for (const ActionOptions& action : (*loaded)->fallback.actions) {
    const auto run = [command = action.run] { return fallback::run_command(command); };
    auto added =
        actions->add(action.name, action.when, run, Value::object(), (*loaded)->conditions);
    if (!added) return fail(std::move(added).error());
  }
  return actions;
}

Result<bool> Runtime::reconcile(Reconcile what) {
  if (const auto opened = storage(); !opened) return fail(opened.error());
  const auto spool = spool_of_mode();
  if (what == Reconcile::waiting && (!spool || !spool->pending())) return true;
  auto manager = this->manager();
  if (!manager) return fail(manager.error());
  const auto status = (*manager)->reconcile();
  // The history may take long to read, so what comes after this must have no deadline.
  manager->reset();
  bounded_.reset();
  // A mode that cannot be read is no reason not to show the history.
  if (!status) {
    notices_.warn(to_string(status.error()));
    return !spool || !spool->pending();
  }
  tell(*status, notices_);
  if (!spool || !spool->pending()) return status->doubts.empty();
  notices_.warn("decisions of this host wait for the store, and are not in its history yet" +
                (status->outage ? ": " + to_string(*status->outage) : std::string()));
  return false;
}

}  // namespace rz::runtime
