#include "rz/metrics/statsd_metrics_sink.h"

#include <sys/socket.h>

#include <cerrno>
#include <cmath>
#include <utility>

#include "rz/base/text.h"
#include "rz/net/resolver.h"
#include "rz/net/url.h"

namespace rz {
namespace {

constexpr std::size_t kMaxDatagram = 1432;

// More than a run measures; a name service that is away must not cost memory without end.
constexpr std::size_t kMaxWaiting = 1000;

// StatsD splits at these, and has no escapes.
std::string clean(std::string_view text, std::string_view also_bad) {
  std::string cleaned = printable(text);
  for (char& c : cleaned) {
    if (c == '|' || c == '\\' || is_space(c) || also_bad.find(c) != std::string_view::npos) c = '_';
  }
  return cleaned;
}

}  // namespace

Result<std::unique_ptr<StatsdMetricsSink>> StatsdMetricsSink::open(const StatsdOptions& options) {
  const auto address = parse_host_port(options.address);
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
  // On this machine, and sometimes from afar, the refusal of the last datagram is known at once.
  int error = 0;
  socklen_t size = sizeof error;
  if (socket_ && ::getsockopt(socket_.get(), SOL_SOCKET, SO_ERROR, &error, &size) == 0 &&
      error != 0) {
    note(ErrorCode::unavailable, errno_text(error));
  }
  if (!flaw_) return {};
  Error told = *std::move(flaw_);
  flaw_.reset();
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
    note(ErrorCode::invalid_argument, "'" + std::string(name) + "' is not finite");
  } else if (lines.size() > kMaxDatagram) {
    note(ErrorCode::invalid_argument,
         "a measurement is longer than a datagram: " + ellipsize(printable(name), 60));
  } else {
    const std::size_t line_break = pending_.empty() ? 0 : 1;
    if (pending_.size() + line_break + lines.size() > kMaxDatagram) {
      finish_datagram();
      if (socket_) send_all();
    }
    if (!pending_.empty()) pending_ += '\n';
    pending_ += lines;
  }
}

// A socket that sends to the host, and learns from the system when nobody listens there.
void StatsdMetricsSink::connect(Deadline deadline) {
  if (socket_) return;
  const auto addresses = resolve(host_, port_, deadline);
  if (!addresses) {
    const Error& error = addresses.error();
    return note(error.code, error.code == ErrorCode::timeout ? error.message : "no such host");
  }
  int error = EADDRNOTAVAIL;
  for (const SocketAddress& address : *addresses) {
    UniqueFd fd(::socket(address.storage.ss_family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (fd && ::connect(fd.get(), address.get(), address.size) == 0) {
      socket_ = std::move(fd);
      return;
    }
    error = errno;
  }
  note(ErrorCode::unavailable, errno_text(error));
}

void StatsdMetricsSink::finish_datagram() {
  if (pending_.empty()) return;
  if (waiting_.size() < kMaxWaiting) {
    waiting_.push_back(std::move(pending_));
  } else {
    note(ErrorCode::unavailable, "more was measured than is kept until the next flush");
  }
  pending_.clear();
}

// Without a host that is known nothing is sent. What could not be is given up, as its error is
// told.
void StatsdMetricsSink::send_all() {
  for (const std::string& datagram : std::exchange(waiting_, {})) {
    if (!socket_) return;
    const auto send = [&] {
      return ::send(socket_.get(), datagram.data(), datagram.size(), MSG_NOSIGNAL) >= 0;
    };
    // A refused send tells of the datagram before; it sends nothing, and the next one may arrive.
    if (!send()) {
      const int error = errno;
      note(ErrorCode::unavailable, errno_text(error));
      if (error == ECONNREFUSED) send();
    }
  }
}

void StatsdMetricsSink::note(ErrorCode code, std::string message) {
  if (!flaw_) flaw_ = Error{code, std::move(message), "statsd " + options_.address};
}

}  // namespace rz
