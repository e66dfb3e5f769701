// The module `prometheus`: PrometheusMetricsSink on the registry of prometheus-cpp.

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <algorithm>
#include <exception>
#include <mutex>
#include <set>
#include <sstream>

#include "rz/base/file.h"
#include "rz/base/text.h"
#include "rz/metrics/prometheus_module.h"
#include "rz/metrics/prometheus_text.h"

namespace rz::metrics {
namespace {

enum class Kind { gauge, counter, histogram };

// In seconds: from a check on this machine to one that stands at its timeout.
const std::vector<double> kBuckets = {0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25,
                                      0.5,   1,      2.5,   5,    10,    30,   60};

// The HELP texts of rz's own measurements; of others only the name is known.
const std::map<std::string_view, const char*> kHelp = {
    {"health_check_status", "1 for the status that the check found, 0 for the others."},
    {"health_check_latency_seconds", "How long the check took."},
    {"health_check_duration_seconds", "How long the whole run of the checks took."},
    {"fallback_mode", "The mode that the system runs in: 0 primary, 1 heuristic, 2 safe."},
    {"fallback_transitions_total", "Changes of the mode, by the mode entered."},
    {"fallback_votes", "Hosts that call for a worse mode than primary, by the mode."},
    {"fallback_callbacks_owed", "Callbacks that are still to be run, on any host."},
    {"fallback_callbacks_oldest_age_seconds", "The age of the oldest of them; 0: there is none."},
    {"fallback_callback_failures_total", "Runs of callbacks that ended badly."},
};

/// `text` as a metric's or a label's name. A leading `__` is Prometheus' own; `:` belongs to its
/// recording rules.
std::string clean_name(std::string_view text) {
  std::string name;
  for (const char c : text) name += is_alpha(c) || is_digit(c) ? c : '_';
  if (name.empty() || is_digit(name.front())) name.insert(0, 1, '_');
  while (name.starts_with("__")) name.erase(0, 1);
  return name;
}

prometheus::Labels clean_labels(const MetricTags& tags, Kind kind) {
  prometheus::Labels labels;
  for (const auto& [key, value] : tags) {
    std::string name = clean_name(key);
    // `le` is the bound of a histogram's bucket.
    while (labels.count(name) > 0 || (kind == Kind::histogram && name == "le")) name += '_';
    labels.emplace(std::move(name), printable(value));
  }
  return labels;
}

/// The names of the series that a family of that kind shows.
std::vector<std::string> series_of(const std::string& family, Kind kind) {
  if (kind != Kind::histogram) return {family};
  return {family, family + "_bucket", family + "_count", family + "_sum"};
}

/// What earlier runs have told. Errors: corrupt; the text says that the file was replaced.
Result<std::vector<PrometheusFamily>> read_families(const std::string& path) {
  constexpr std::uint64_t kMaxBytes = 64 * 1024 * 1024;
  const auto replaced = [&](const std::string& why) {
    return fail(ErrorCode::corrupt, "the old file " + why + "; it was replaced", path);
  };
  const auto text = read_file(path, kMaxBytes);
  if (!text) return replaced("cannot be used (" + text.error().message + ")");
  auto families = parse_prometheus_text(*text);
  if (families) return families;
  return replaced(families.error().message + " (" + families.error().where + ")");
}

class RegistrySink final : public PrometheusMetricsSink {
 public:
  explicit RegistrySink(const PrometheusOptions& options) : options_(options) {}

  void emit(std::string_view name, double value, const MetricTags& tags,
            std::optional<TimePoint>) override {
    measure(name, Kind::gauge, [&](const std::string& family, const std::string& help) {
      prometheus::BuildGauge()
          .Name(family)
          .Help(help)
          .Register(registry_)
          .Add(clean_labels(tags, Kind::gauge))
          .Set(value);
    });
  }

  void emit_counter(std::string_view name, double value, const MetricTags& tags) override {
    if (!(value >= 0)) {
      std::lock_guard lock(mutex_);
      note("the counter '" + std::string(name) + "' went down");
      return;
    }
    measure(name, Kind::counter, [&](const std::string& family, const std::string& help) {
      prometheus::BuildCounter()
          .Name(family)
          .Help(help)
          .Register(registry_)
          .Add(clean_labels(tags, Kind::counter))
          .Increment(value);
    });
  }

  void emit_total(std::string_view name, double total, double added,
                  const MetricTags& tags) override {
    if (!(total >= 0) || !(added >= 0)) {
      std::lock_guard lock(mutex_);
      note("the counter '" + std::string(name) + "' went down");
      return;
    }
    measure(name, Kind::counter, [&](const std::string& family, const std::string& help) {
      auto& counter = prometheus::BuildCounter().Name(family).Help(help).Register(registry_).Add(
          clean_labels(tags, Kind::counter));
      if (total > counter.Value()) counter.Increment(total - counter.Value());
      totals_.insert(family);
    });
  }

  void emit_histogram(std::string_view name, double value, const MetricTags& tags) override {
    measure(name, Kind::histogram, [&](const std::string& family, const std::string& help) {
      prometheus::BuildHistogram()
          .Name(family)
          .Help(help)
          .Register(registry_)
          .Add(clean_labels(tags, Kind::histogram), kBuckets)
          .Observe(value);
    });
  }

  std::string serialize() const override {
    std::vector<prometheus::MetricFamily> families = registry_.Collect();
    // The registry's order is that of its hash tables.
    std::sort(families.begin(), families.end(),
              [](const auto& a, const auto& b) { return a.name < b.name; });
    for (auto& family : families) {
      std::sort(family.metric.begin(), family.metric.end(),
                [](const auto& a, const auto& b) { return a.label < b.label; });
    }
    std::ostringstream out;
    prometheus::TextSerializer().Serialize(out, families);
    return out.str();
  }

  PrometheusUpdate update() override {
    std::lock_guard lock(mutex_);
    auto families = parse_prometheus_text(serialize());
    return {families ? *std::move(families) : std::vector<PrometheusFamily>{}, {}, totals_};
  }

  Result<void> flush_by(Deadline deadline) override {
    std::lock_guard lock(mutex_);
    Result<void> replaced;
    const std::string text = serialize();
    if (!options_.path.empty() && !text.empty()) {
      auto mine = parse_prometheus_text(text);
      if (!mine) return fail(ErrorCode::internal, to_string(mine.error()), options_.path);
      const auto written = update_file({std::move(*mine), told_, totals_}, deadline, replaced);
      if (!written) return written;
    }
    if (!error_.empty()) {
      return fail(ErrorCode::invalid_argument, std::exchange(error_, {}), options_.path);
    }
    return replaced;
  }

 private:
  // `replaced`: what is to be said of the file that was there.
  Result<void> update_file(const PrometheusUpdate& update, Deadline deadline,
                           Result<void>& replaced) {
    // /dev/stdout or a FIFO has no earlier content to add to.
    if (kind_of_file(options_.path) == FileKind::other) {
      return write_file(options_.path, to_prometheus_text(update.families));
    }
    const auto lock = lock_folder_of(options_.path, deadline);
    if (!lock) return fail(lock.error());
    std::vector<PrometheusFamily> families;
    if (kind_of_file(options_.path) == FileKind::regular) {
      auto before = read_families(options_.path);
      if (before) {
        families = std::move(*before);
      } else {
        replaced = fail(before.error());
      }
    }
    merge(families, update);
    auto written =
        write_file(options_.path, to_prometheus_text(families), FileRights::exactly(0644));
    if (!written) return written;
    told_.clear();
    for (const PrometheusFamily& family : update.families) {
      told_.insert(told_.end(), family.samples.begin(), family.samples.end());
    }
    return {};
  }

  template <class Record>
  void measure(std::string_view name, Kind kind, Record record) {
    std::lock_guard lock(mutex_);
    std::string family = clean_name(options_.prefix + std::string(name));
    if (kind == Kind::counter && !family.ends_with("_total")) family += "_total";
    if (!claim(family, kind)) {
      note("'" + std::string(name) + "' is used for two kinds of measurement");
      return;
    }
    const auto help = kHelp.find(name);
    // The registry throws for names that it refuses. The names were cleaned above, so that none
    // should be.
    try {
      record(family, help == kHelp.end() ? "Measured by rz." : help->second);
    } catch (const std::exception& error) {
      note("'" + std::string(name) + "' is refused: " + error.what());
    }
  }

  // Whether `family` is, or can still become, one of that kind with no series in common with
  // another.
  bool claim(const std::string& family, Kind kind) {
    const std::vector<std::string> series = series_of(family, kind);
    const Claim mine{family, kind};
    const bool free = std::all_of(series.begin(), series.end(), [&](const std::string& one) {
      const auto claimed = claimed_.find(one);
      return claimed == claimed_.end() || claimed->second == mine;
    });
    if (free) {
      for (const std::string& one : series) claimed_.emplace(one, mine);
    }
    return free;
  }

  void note(std::string message) {
    if (error_.empty()) error_ = std::move(message);
  }

  using Claim = std::pair<std::string, Kind>;

  const PrometheusOptions options_;
  prometheus::Registry registry_;
  std::mutex mutex_;
  std::map<std::string, Claim> claimed_;  ///< The name of a series, and the family that shows it.
  std::set<std::string> totals_;          ///< Families that were given as totals.
  std::vector<std::pair<std::string, std::string>> told_;  ///< What the file has of this sink.
  std::string error_;                                      ///< The first since the last flush.
};

}  // namespace
}  // namespace rz::metrics

extern "C" rz::metrics::PrometheusMetricsSink* rz_make_prometheus_sink(
    const rz::metrics::PrometheusOptions& options) {
  return new rz::metrics::RegistrySink(options);
}
