#include "rz/metrics/graphite_metrics_sink.h"

#include <array>
#include <cmath>
#include <utility>

#include "rz/base/field_visitor.h"
#include "rz/base/text.h"
#include "rz/metrics/name_prefix.h"
#include "rz/net/datagram_socket.h"
#include "rz/net/transport.h"
#include "rz/net/url.h"

namespace rz::metrics {
namespace {

// `PATH VALUE SECONDS\n`: the longest value and time take less than 64 bytes. A longer path is
// refused over TCP, too, so that the protocol does not decide which measurements are valid.
constexpr std::size_t kMaxPath = net::kMaxDatagram - 64;

constexpr const char* kNoAddress = "is not an address; write it like 127.0.0.1:2003 or [::1]:2003";

constexpr std::array<Choice<bool>, 2> kProtocols = {{{"tcp", false}, {"udp", true}}};

// A path is a file in a folder at the server, and white space ends it. Never empty.
std::string clean(std::string_view text) {
  std::string cleaned;
  for (const char c : text) {
    cleaned += is_alpha(c) || is_digit(c) || c == '_' || c == '-' ? c : '_';
  }
  return cleaned.empty() ? "_" : cleaned;
}

// Like clean(), but keeps dots between parts of the name, of which Graphite makes a tree.
std::string clean_name(std::string_view name) {
  std::string cleaned;
  for (const std::string_view part : split(name, '.')) {
    cleaned += (cleaned.empty() ? "" : ".") + clean(part);
  }
  return cleaned;
}

}  // namespace

void visit_fields(FieldVisitor& fields, GraphiteOptions& options) {
  const bool given = fields.text({"address", "Host and port."}, options.address);
  if (given && !net::parse_host_port(options.address)) {
    fields.value_error("address", kNoAddress, "is not an address like 127.0.0.1:2003");
  }
  fields.choice({"protocol", "How the lines travel."}, options.udp,
                std::span<const Choice<bool>>(kProtocols));
  fields.boolean({"tags", "Tags are sent as those of Graphite 1.1, not as parts of the path."},
                 options.tags);
  visit_prefix(fields, options.prefix, NameSeparator::dot_or_underscore);
}

Result<std::unique_ptr<GraphiteMetricsSink>> GraphiteMetricsSink::open(
    const GraphiteOptions& options, Clock& clock) {
  const auto address = net::parse_host_port(options.address);
  if (!address) {
    return fail(ErrorCode::invalid_argument, "'" + options.address + "' " + kNoAddress);
  }
  return std::unique_ptr<GraphiteMetricsSink>(
      new GraphiteMetricsSink(options, address->host, address->port, clock));
}

void GraphiteMetricsSink::emit(std::string_view name, double value, const MetricTags& tags,
                               std::optional<TimePoint> timestamp) {
  set(path(name, tags), {value, timestamp});
}

void GraphiteMetricsSink::emit_counter(std::string_view name, double value,
                                       const MetricTags& tags) {
  add(path(name, tags), value);
}

void GraphiteMetricsSink::emit_total(std::string_view name, double total, double,
                                     const MetricTags& tags) {
  set(path(name, tags), {total});
}

void GraphiteMetricsSink::emit_histogram(std::string_view name, double value,
                                         const MetricTags& tags) {
  if (!std::isfinite(value)) {
    const std::lock_guard lock(mutex_);
    return note(ErrorCode::invalid_argument, "'" + std::string(name) + "' is not finite");
  }
  add(path(std::string(name) + ".count", tags), 1);
  add(path(std::string(name) + ".sum", tags), value);
}

Result<void> GraphiteMetricsSink::flush_by(Deadline deadline) {
  const std::vector<std::string> lines = take_lines();
  const auto sent = lines.empty() ? Result<void>() : send(lines, deadline);
  const std::lock_guard lock(mutex_);
  if (!sent) note(sent.error().code, sent.error().message);
  if (!error_) return {};
  return fail(*std::exchange(error_, std::nullopt));
}

std::string GraphiteMetricsSink::path(std::string_view name, const MetricTags& tags) const {
  std::string path = options_.prefix + clean_name(name);
  for (const auto& [key, value] : tags) {
    path += options_.tags ? ";" + clean(key) + "=" + clean(value)
                          : "." + clean(key) + "." + clean(value);
  }
  return path;
}

void GraphiteMetricsSink::set(std::string path, Measurement measurement) {
  const std::lock_guard lock(mutex_);
  if (Measurement* place = place_of(std::move(path), measurement.value)) *place = measurement;
}

void GraphiteMetricsSink::add(std::string path, double value) {
  const std::lock_guard lock(mutex_);
  if (Measurement* place = place_of(std::move(path), value)) place->value += value;
}

GraphiteMetricsSink::Measurement* GraphiteMetricsSink::place_of(std::string path, double value) {
  const auto refuse = [this](ErrorCode code, std::string message) {
    note(code, std::move(message));
    return nullptr;
  };
  if (!std::isfinite(value)) {
    return refuse(ErrorCode::invalid_argument, "'" + path + "' is not finite");
  }
  if (path.size() > kMaxPath) {
    return refuse(ErrorCode::invalid_argument,
                  "the path of a measurement is too long: " + ellipsize(path, 60));
  }
  if (measured_.size() >= kMaxPaths && !measured_.contains(path)) {
    return refuse(ErrorCode::unavailable,
                  "more measurements than can be kept until the next flush");
  }
  return &measured_[std::move(path)];
}

std::vector<std::string> GraphiteMetricsSink::take_lines() {
  const std::lock_guard lock(mutex_);
  const TimePoint now = clock_.now();
  std::vector<std::string> lines;
  for (const auto& [path, measurement] : std::exchange(measured_, {})) {
    const auto time = measurement.timestamp.value_or(now).time_since_epoch();
    const auto seconds = std::chrono::floor<std::chrono::seconds>(time).count();
    lines.push_back(path + " " + format_double(measurement.value) + " " + std::to_string(seconds) +
                    "\n");
  }
  return lines;
}

Result<void> GraphiteMetricsSink::send(const std::vector<std::string>& lines,
                                       Deadline deadline) const {
  if (!options_.udp) {
    const auto connection = net::connect_tcp(host_, port_, deadline);
    if (!connection) return fail(connection.error());
    return (*connection)->write_all(join(lines, ""), deadline);
  }
  net::DatagramSocket socket;
  if (auto connected = socket.connect(host_, port_, deadline); !connected) return connected;
  // After a datagram that was refused, the next may still arrive.
  Result<void> sent;
  std::string datagram;
  const auto send_datagram = [&] {
    auto one = socket.send(datagram);
    if (sent && !one) sent = std::move(one);
    datagram.clear();
  };
  for (const std::string& line : lines) {
    if (datagram.size() + line.size() > net::kMaxDatagram) send_datagram();
    datagram += line;
  }
  send_datagram();
  return sent ? socket.refusal() : sent;
}

void GraphiteMetricsSink::note(ErrorCode code, std::string message) {
  if (!error_) error_ = Error{code, std::move(message), "graphite " + options_.address};
}

Result<std::unique_ptr<MetricsSink>> make_metrics_sink(const GraphiteOptions& options,
                                                       const MetricsLog&) {
  auto sink = GraphiteMetricsSink::open(options);
  if (!sink) return fail(std::move(sink).error());
  return std::unique_ptr<MetricsSink>(std::move(*sink));
}

}  // namespace rz::metrics
