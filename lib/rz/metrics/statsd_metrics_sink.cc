#include "rz/metrics/statsd_metrics_sink.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "rz/base/field_visitor.h"
#include "rz/base/text.h"
#include "rz/metrics/name_prefix.h"
#include "rz/net/url.h"

namespace rz::metrics {
namespace {

// A run has fewer measurements; without a limit, memory would grow while the name service is away.
constexpr std::size_t kMaxWaiting = 1000;

// StatsD splits at these, and has no escapes.
std::string clean(std::string_view text, std::string_view also_bad) {
  std::string cleaned = printable(text);
  for (char& c : cleaned) {
    if (c == '|' || c == '\\' || is_space(c) || also_bad.find(c) != std::string_view::npos) c = '_';
  }
  return cleaned;
}

constexpr std::array<Choice<bool>, 2> kDialects = {{{"statsd", false}, {"dogstatsd", true}}};

constexpr std::string_view kUnix = "unix:";
constexpr const char* kNoStatsdAddress =
    "is not an address; write it like 127.0.0.1:8125 or [::1]:8125";
constexpr const char* kNoSocket = "is not a socket; write it like unix:/run/datadog/dsd.socket";

const char* wrong_address(const std::string& address) {
  return address.starts_with(kUnix) ? kNoSocket : kNoStatsdAddress;
}

/// Host and port, or the path of a unix socket and no port.
std::optional<net::HostPort> parse_statsd_address(const std::string& address) {
  if (!address.starts_with(kUnix)) return net::parse_host_port(address);
  std::string path = address.substr(kUnix.size());
  // Datadog's clients write the same as a URL: `unix:///run/dsd.socket`.
  if (path.starts_with("//")) path.erase(0, 2);
  if (!path.starts_with('/')) return std::nullopt;
  return net::HostPort{std::move(path), 0};
}

/// `key:value`, or a word alone.
std::string clean_tag(std::string_view tag) { return clean(tag, ",#"); }

/// As a service check counts them: 0 to 3, in the order of Nagios.
int service_status(std::string_view status) {
  static constexpr std::string_view kStatuses[] = {"healthy", "degraded", "unhealthy"};
  const auto* found = std::find(std::begin(kStatuses), std::end(kStatuses), status);
  return static_cast<int>(found - std::begin(kStatuses));
}

// Of a text for people; all of it must fit into a datagram.
constexpr std::size_t kShownColumns = 200;

// The message is the last part of a service check, and `m:` in it would begin another one.
std::string service_message(std::string_view message) {
  if (message.empty()) return {};
  std::string text;
  for (const char c : ellipsize(printable(message), kShownColumns)) {
    if (c == ':' && text.ends_with('m')) text += '\\';
    text += c;
  }
  return "|m:" + text;
}

const char* word_of(MetricEvent::Level level) {
  switch (level) {
    case MetricEvent::Level::success: return "success";
    case MetricEvent::Level::warning: return "warning";
    case MetricEvent::Level::error: return "error";
  }
  return "info";
}

}  // namespace

void visit_fields(FieldVisitor& fields, StatsdOptions& options) {
  const bool given =
      fields.text({"address", "Host and UDP port, or unix:PATH of a socket."}, options.address);
  if (given && !parse_statsd_address(options.address)) {
    fields.value_error("address", wrong_address(options.address),
                       "is not an address like 127.0.0.1:8125");
  }
  fields.choice({"dialect", "dogstatsd has tags, service checks and events.", "dogstatsd"},
                options.dogstatsd, std::span<const Choice<bool>>(kDialects));
  const bool tagged =
      fields.texts({"tags", "Tags of everything that is sent.", "[\"env:prod\"]"}, options.tags);
  if (tagged && !options.tags.empty() && !options.dogstatsd) {
    fields.error("tags", "needs 'dialect: dogstatsd', since plain StatsD has no tags");
  }
  visit_prefix(fields, options.prefix, NameSeparator::dot_or_underscore);
}

Result<std::unique_ptr<StatsdMetricsSink>> StatsdMetricsSink::open(const StatsdOptions& options) {
  const auto address = parse_statsd_address(options.address);
  if (!address) {
    return fail(ErrorCode::invalid_argument,
                "'" + options.address + "' " + wrong_address(options.address));
  }
  return std::unique_ptr<StatsdMetricsSink>(
      new StatsdMetricsSink(options, address->host, address->port));
}

StatsdMetricsSink::~StatsdMetricsSink() {
  finish_datagram();
  if (!waiting_.empty()) connect(Deadline::min());
  send_all();
}

void StatsdMetricsSink::emit(std::string_view name, double value, const MetricTags& tags,
                             std::optional<TimePoint>) {
  std::string lines = line(name, value, "g", tags);
  // Plain StatsD reads `-5` as "5 less"; only from 0 that is the value.
  if (value < 0 && !options_.dogstatsd) lines = line(name, 0, "g", tags) + "\n" + lines;
  add(name, value, lines);
}

void StatsdMetricsSink::emit_counter(std::string_view name, double value, const MetricTags& tags) {
  add(name, value, line(name, value, "c", tags));
}

void StatsdMetricsSink::emit_histogram(std::string_view name, double value,
                                       const MetricTags& tags) {
  if (options_.dogstatsd) {
    add(name, value, line(name, value, "h", tags));
    return;
  }
  constexpr std::string_view kSeconds = "_seconds";
  if (name.ends_with(kSeconds)) {
    name.remove_suffix(kSeconds.size());
    value *= 1000;
  }
  add(name, value, line(name, value, "ms", tags));
}

void StatsdMetricsSink::emit_health_check(std::string_view check, std::string_view status,
                                          double latency_ms, std::string_view message) {
  MetricsSink::emit_health_check(check, status, latency_ms, message);
  if (!options_.dogstatsd) return;
  const std::string name = clean(options_.prefix + "health_check", ":@");
  add(check, 0,
      "_sc|" + name + "|" + std::to_string(service_status(status)) +
          dogstatsd_tags({{"check", std::string(check)}}) + service_message(message));
}

void StatsdMetricsSink::emit_event(const MetricEvent& event) {
  if (!options_.dogstatsd) return;
  const std::string title = ellipsize(printable(event.title), kShownColumns);
  const std::string text = ellipsize(printable(event.text), kShownColumns);
  // The lengths are in bytes, so that no text forges another part.
  add(event.title, 0,
      "_e{" + std::to_string(title.size()) + "," + std::to_string(text.size()) + "}:" + title +
          "|" + text + "|t:" + word_of(event.level) + dogstatsd_tags(event.tags));
}

Result<void> StatsdMetricsSink::flush_by(Deadline deadline) {
  std::lock_guard lock(mutex_);
  finish_datagram();
  if (!waiting_.empty()) connect(deadline);
  send_all();
  if (auto refused = socket_.refusal(); !refused) note(std::move(refused).error());
  if (!error_) return {};
  Error told = *std::move(error_);
  error_.reset();
  return fail(std::move(told));
}

std::string StatsdMetricsSink::line(std::string_view name, double value, std::string_view type,
                                    const MetricTags& tags) const {
  std::string text = clean(options_.prefix + std::string(name), ":@");
  if (!options_.dogstatsd) {
    for (const auto& [key, tag] : tags) {
      text += "." + clean(key, ":@.") + "." + clean(tag, ":@.");
    }
  }
  text += ":" + format_double(value) + "|" + std::string(type);
  if (options_.dogstatsd) text += dogstatsd_tags(tags);
  return text;
}

std::string StatsdMetricsSink::dogstatsd_tags(const MetricTags& tags) const {
  std::string text;
  std::string_view before = "|#";
  for (const auto& [key, tag] : tags) {
    text.append(std::exchange(before, ",")).append(clean(key, ":,#"));
    text.append(":").append(clean(tag, ",#"));
  }
  for (const std::string& tag : options_.tags) {
    text.append(std::exchange(before, ",")).append(clean_tag(tag));
  }
  return text;
}

void StatsdMetricsSink::add(std::string_view name, double value, std::string_view lines) {
  std::lock_guard lock(mutex_);
  if (!std::isfinite(value)) {
    note({ErrorCode::invalid_argument, "'" + std::string(name) + "' is not finite", {}});
  } else if (lines.size() > net::kMaxDatagram) {
    note({ErrorCode::invalid_argument,
          "a measurement is longer than a datagram: " + ellipsize(printable(name), 60),
          {}});
  } else {
    const std::size_t line_break = pending_.empty() ? 0 : 1;
    if (pending_.size() + line_break + lines.size() > net::kMaxDatagram) {
      finish_datagram();
      if (socket_.is_open()) send_all();
    }
    if (!pending_.empty()) pending_ += '\n';
    pending_ += lines;
  }
}

void StatsdMetricsSink::connect(Deadline deadline) {
  if (socket_.is_open()) return;
  auto connected =
      port_ == 0 ? socket_.connect_unix(host_) : socket_.connect(host_, port_, deadline);
  if (!connected) note(std::move(connected).error());
}

void StatsdMetricsSink::finish_datagram() {
  if (pending_.empty()) return;
  if (waiting_.size() < kMaxWaiting) {
    waiting_.push_back(std::move(pending_));
  } else {
    note({ErrorCode::unavailable, "more measurements than can be kept until the next flush", {}});
  }
  pending_.clear();
}

// Nothing is sent before the host is known. What could not be sent is dropped, and its error is
// reported.
void StatsdMetricsSink::send_all() {
  for (const std::string& datagram : std::exchange(waiting_, {})) {
    if (!socket_.is_open()) return;
    if (auto sent = socket_.send(datagram); !sent) note(std::move(sent).error());
  }
}

void StatsdMetricsSink::note(Error error) {
  if (error_) return;
  error.where = "statsd " + options_.address;
  error_ = std::move(error);
}

Result<std::unique_ptr<MetricsSink>> make_metrics_sink(const StatsdOptions& options,
                                                       const MetricsLog&) {
  auto sink = StatsdMetricsSink::open(options);
  if (!sink) return fail(std::move(sink).error());
  return std::unique_ptr<MetricsSink>(std::move(*sink));
}

}  // namespace rz::metrics
