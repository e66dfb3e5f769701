#include "rz/cli/setup.h"

#include <algorithm>
#include <set>

#include "rz/base/duration.h"
#include "rz/base/text.h"
#include "rz/base/timestamp.h"
#include "rz/cli/interrupt.h"
#include "rz/health/make_check.h"
#include "rz/metrics/make_sinks.h"
#include "rz/metrics/tee_metrics_sink.h"

namespace rz::cli {
namespace {

bool has_any(const std::vector<std::string>& tags, const std::vector<std::string>& wanted) {
  return std::any_of(wanted.begin(), wanted.end(), [&](const std::string& tag) {
    return std::find(tags.begin(), tags.end(), tag) != tags.end();
  });
}

bool is_selected(const RegisteredCheck& check, const CheckSelection& selection) {
  const auto& names = selection.names;
  const bool named =
      names.empty() || std::find(names.begin(), names.end(), check.check->name()) != names.end();
  const bool tagged = selection.only.empty() || has_any(check.options.tags, selection.only);
  return named && tagged && !has_any(check.options.tags, selection.skip);
}

Result<void> refuse_unknown_names(const std::vector<RegisteredCheck>& checks,
                                  const std::vector<std::string>& names) {
  std::vector<std::string> known;
  for (const RegisteredCheck& check : checks) known.push_back(check.check->name());
  for (const std::string& name : names) {
    if (std::find(known.begin(), known.end(), name) != known.end()) continue;
    const std::string near = suggestion(name, known);
    return fail(ErrorCode::invalid_argument,
                "no check is named '" + printable(name) + "'" +
                    (near.empty() ? "; there are " + join(known, ", ") : near));
  }
  return {};
}

// A check without the one it depends on would run where it should be skipped.
std::set<std::string> with_parents(const std::vector<RegisteredCheck>& checks,
                                   const CheckSelection& selection) {
  std::set<std::string> wanted;
  for (const RegisteredCheck& check : checks) {
    if (is_selected(check, selection)) wanted.insert(check.check->name());
  }
  for (std::size_t before = 0; before != wanted.size();) {
    before = wanted.size();
    for (const RegisteredCheck& check : checks) {
      if (!wanted.contains(check.check->name())) continue;
      wanted.insert(check.options.depends_on.begin(), check.options.depends_on.end());
    }
  }
  return wanted;
}

}  // namespace

Result<std::unique_ptr<HealthMonitor>> make_monitor(Context& context,
                                                    const CheckSelection& selection,
                                                    std::optional<Millis> timeout,
                                                    MetricsSink* sink) {
  const auto config = context.config();
  if (!config) return fail(config.error());
  HealthOptions options = (*config)->health;
  if (timeout) options.timeout = *timeout;
  // Opened once and before any thread runs: Context is not made for several. Where it cannot be
  // opened, the checks that need it say so, and the others run; a wrong URL is a mistake of the
  // asker, and no answer about the store.
  auto storage = context.storage();
  if (!storage && storage.error().code == ErrorCode::invalid_argument) {
    return fail(storage.error());
  }
  const auto source = [storage]() -> Result<Storage*> { return storage; };
  const auto checks = make_checks(options, {source, make_http_client, SystemClock::instance()});
  if (auto known = refuse_unknown_names(checks, selection.names); !known) {
    return fail(std::move(known).error());
  }
  const auto wanted = with_parents(checks, selection);
  if (wanted.empty()) {
    return fail(ErrorCode::invalid_argument,
                "no check is selected; 'rz health list' shows them and their tags");
  }
  auto monitor = std::make_unique<HealthMonitor>(options, SystemClock::instance(), sink);
  for (const RegisteredCheck& check : checks) {
    if (wanted.contains(check.check->name())) monitor->register_check(check.check, check.options);
  }
  return monitor;
}

namespace {

// None for a store that ends with this process, and where this user has no place to keep anything.
std::shared_ptr<Spool> make_spool(const std::string& store) {
  const auto folder = default_spool_folder();
  return store.empty() || !folder ? nullptr : std::make_shared<Spool>(*folder, store);
}

}  // namespace

namespace {

// Who is told to stop while a callback runs stops the callback, too, and says that it did not end.
ModeCallback stoppable_callback(Context& context, const CommandOptions& options) {
  return [&context, options](const Transition& transition) -> Result<void> {
    if (context.interrupted != 0) {
      return fail(ErrorCode::unavailable, "not run: rz was told to stop");
    }
    const Interrupt interrupt;
    auto done = command_callback(options, [&] { return interrupt.asked(); })(transition);
    if (interrupt.asked()) context.interrupted = interrupt.exit_code();
    return done;
  };
}

}  // namespace

Result<Millis> default_deadline(Context& context) {
  const auto config = context.config();
  if (!config) return fail(config.error());
  return std::max(Millis{10'000}, 2 * (*config)->storage.timeout);
}

Result<std::unique_ptr<FallbackManager>> make_manager(Context& context, MetricsSink* sink,
                                                      std::optional<Millis> deadline,
                                                      const std::optional<Error>& outage) {
  const auto config = context.config();
  if (!config) return fail(config.error());
  if (!deadline) {
    const auto usual = default_deadline(context);
    if (!usual) return fail(usual.error());
    deadline = *usual;
  }
  const auto storage = context.bound_storage(*deadline);
  if (!storage) return fail(storage.error());
  if (outage) (*storage)->note_outage(*outage);
  const FallbackOptions& fallback = (*config)->fallback;
  FallbackManagerOptions options;
  options.policy = Policy(fallback.policy, fallback.rules);
  options.recovery = fallback.recovery;
  options.retention = fallback.retention;
  options.max_age_offline = fallback.max_age_offline;
  options.spool = make_spool(context.storage_identity());
  auto manager = std::make_unique<FallbackManager>(**storage, std::move(options),
                                                   SystemClock::instance(), sink);
  for (const auto& [mode, callback] : fallback.callbacks) {
    manager->register_mode_callback(mode, stoppable_callback(context, callback.run),
                                    {callback.attempts, callback.max_age, callback.run.timeout});
  }
  manager->set_detectors(make_detector(fallback.primary_detector),
                         make_detector(fallback.heuristic_detector));
  return manager;
}

Result<Storage*> lasting_storage(Context& context) {
  const auto storage = context.storage();
  if (!storage || (*storage)->description() != "memory:") return storage;
  return fail(ErrorCode::invalid_argument,
              "a store in memory is gone when this command ends, so nothing would be kept; name a "
              "file or a "
              "server",
              context.storage_source());
}

Result<bool> bring_back_spool(Context& context, BringBack what) {
  if (const auto storage = context.storage(); !storage) return fail(storage.error());
  const auto spool = make_spool(context.storage_identity());
  if (what == BringBack::waiting && (!spool || !spool->pending())) return true;
  auto manager = make_manager(context);
  if (!manager) return fail(manager.error());
  const auto status = (*manager)->bring_back();
  // What comes after this may take as long as a history is.
  manager->reset();
  context.unbind_storage();
  // What cannot be read of the mode keeps nobody from the history.
  if (!status) {
    context.warn(to_string(status.error()));
    return !spool || !spool->pending();
  }
  for (const std::string& doubt : status->doubts) context.warn(doubt);
  for (const std::string& warning : status->warnings) context.warn(warning);
  if (!spool || !spool->pending()) return status->doubts.empty();
  context.warn("decisions of this host wait for the store, and are not in its history yet" +
               (status->outage ? ": " + to_string(*status->outage) : std::string()));
  return false;
}

Result<std::unique_ptr<MetricsSink>> make_sink(Context& context) {
  const auto config = context.config();
  if (!config) return fail(config.error());
  // The lines of a logging sink were asked for; only debug ones want --verbose as well.
  const bool verbose = context.options().verbose > 0;
  const auto log = [&context, verbose](SinkOptions::Level level, std::string_view line) {
    if (level != SinkOptions::Level::debug || verbose) context.log(line);
  };
  std::vector<std::unique_ptr<MetricsSink>> sinks;
  for (const SinkOptions& options : (*config)->health.metrics) {
    auto sink = make_sinks({options}, log);
    if (sink) {
      sinks.push_back(std::move(*sink));
    } else if (sink.error().code == ErrorCode::unavailable) {
      // A server of metrics that is gone must not keep the system from being made safe.
      context.warn("metrics: " + to_string(sink.error()));
    } else {
      return sink;
    }
  }
  return std::make_unique<TeeMetricsSink>(std::move(sinks));
}

Result<TimePoint> parse_moment(const std::string& option, const std::string& text, TimePoint now) {
  if (const auto ago = parse_duration(text)) return now - *ago;
  if (const auto time = parse_timestamp(text)) return *time;
  return fail(
      ErrorCode::invalid_argument,
      "'" + printable(text) + "' is neither a time (2026-01-02T03:04:05Z) nor a duration (24h)",
      option);
}

Result<Millis> parse_span(const std::string& option, const std::string& text) {
  const auto duration = parse_duration(text);
  if (!duration) return fail(ErrorCode::invalid_argument, duration.error().message, option);
  if (*duration < Millis{1}) {
    return fail(ErrorCode::invalid_argument, "must be at least 1ms", option);
  }
  return std::chrono::floor<Millis>(*duration);
}

}  // namespace rz::cli
