#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "rz/base/result.h"
#include "rz/cli/program.h"
#include "rz/fallback/manager.h"
#include "rz/health/health_monitor.h"

/// From a configuration to the objects that commands work with.
namespace rz::cli {

/// Which of the configured checks are meant; nothing: all.
struct CheckSelection {
  std::vector<std::string> names;
  std::vector<std::string> only;  ///< Tags, one of which a check must have.
  std::vector<std::string> skip;  ///< Tags, none of which it may have.
};

/// A monitor with the checks of the configuration that `selection` names, and those that they
/// depend on. `timeout`: of the whole run, if not the configuration's. `context` and `sink` must
/// outlive it. Errors: config; invalid_argument for a name that no check has, with the nearest.
Result<std::unique_ptr<HealthMonitor>> make_monitor(Context& context,
                                                    const CheckSelection& selection = {},
                                                    std::optional<Millis> timeout = std::nullopt,
                                                    MetricsSink* sink = nullptr);

/// A manager on the context's store, with the policy, callbacks, actions and detectors of the
/// configuration. `context` and `sink` must outlive it. Every call of it together asks the store
/// for as long as `deadline` at most, counted from now, and no more once it was found away
/// (`outage`: it was already).
Result<std::unique_ptr<FallbackManager>> make_manager(
    Context& context, MetricsSink* sink = nullptr, std::optional<Millis> deadline = std::nullopt,
    const std::optional<Error>& outage = std::nullopt);

/// How long a decision may wait for the store where nobody says: 10s, or twice the configured
/// `storage.timeout` where that is longer.
Result<Millis> default_deadline(Context& context);

/// Context::storage() for a command that is to keep something in it. Errors: also invalid_argument
/// for `memory:`, which is gone when the command ends.
Result<Storage*> lasting_storage(Context& context);

/// Brings what was decided while the store was away into it, if anything waits; says so. Whether
/// the history has all that this host knows of: it has not where the store is away, or has lost its
/// memory, or something of the spool cannot be read. Errors: config.
/// `all` also asks a store that nothing waits for whether it has lost its memory.
enum class BringBack { waiting, all };
Result<bool> bring_back_spool(Context& context, BringBack what);

/// The sink of the configuration's `health.metrics`. One that is unavailable is left out, with a
/// warning.
Result<std::unique_ptr<MetricsSink>> make_sink(Context& context);

/// `text` as a moment: a timestamp, or a duration, which is so long ago. Errors: invalid_argument,
/// naming the option.
Result<TimePoint> parse_moment(const std::string& option, const std::string& text, TimePoint now);

/// `text` as a duration above zero. Errors: invalid_argument, naming the option.
Result<Millis> parse_span(const std::string& option, const std::string& text);

}  // namespace rz::cli
