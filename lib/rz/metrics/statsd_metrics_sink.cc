#include "rz/metrics/statsd_metrics_sink.h"

#include <array>
#include <cmath>
#include <utility>

#include "rz/base/field_visitor.h"
#include "rz/base/text.h"
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

}  // namespace

void visit_fields(FieldVisitor& fields, StatsdOptions& options) {
  const bool given = fields.text({"address", "Host and UDP port."}, options.address);
  if (given && !net::parse_host_port(options.address)) {
    fields.value_error("address", "is not an address; write it like 127.0.0.1:8125 or [::1]:8125",
                       "is not an address like 127.0.0.1:8125");
  }
  fields.choice({"dialect", "dogstatsd has tags."}, options.dogstatsd,
                std::span<const Choice<bool>>(kDialects));
}

Result<std::unique_ptr<StatsdMetricsSink>> StatsdMetricsSink::open(const StatsdOptions& options) {
  const auto address = net::parse_host_port(options.address);
  if (!address) {
    return fail(
        ErrorCode::invalid_argument,
        "'" + options.address + "' is not an address; write it like 127.0.0.1:8125 or [::1]:8125");
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
  if (options_.dogstatsd) {
    std::string_view before = "|#";
    for (const auto& [key, tag] : tags) {
      text.append(std::exchange(before, ",")).append(clean(key, ":,#"));
      text.append(":").append(clean(tag, ",#"));
    }
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
  auto connected = socket_.connect(host_, port_, deadline);
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
