#include "rz/metrics/statsd_metrics_sink.h"

#include <netdb.h>
#include <sys/socket.h>

#include <cerrno>
#include <cmath>

#include "rz/base/text.h"
#include "rz/net/url.h"

namespace rz {
namespace {

constexpr std::size_t kMaxDatagram = 1432;

// A socket that sends to `address`, and learns from the system when nobody listens there.
Result<UniqueFd> connect_to(const HostPort& address, const std::string& where) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_DGRAM;
  hints.ai_flags = AI_NUMERICSERV;
  addrinfo* found = nullptr;
  if (::getaddrinfo(address.host.c_str(), std::to_string(address.port).c_str(), &hints, &found) !=
      0) {
    return fail(ErrorCode::unavailable, "no such host", where);
  }
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owned(found, ::freeaddrinfo);
  int error = 0;
  for (const addrinfo* a = found; a != nullptr; a = a->ai_next) {
    UniqueFd fd(
        ::socket(a->ai_family, a->ai_socktype | SOCK_CLOEXEC | SOCK_NONBLOCK, a->ai_protocol));
    if (fd && ::connect(fd.get(), a->ai_addr, a->ai_addrlen) == 0) return fd;
    error = errno;
  }
  return fail(ErrorCode::unavailable, errno_text(error), where);
}

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
  auto socket = connect_to(*address, options.address);
  if (!socket) return fail(std::move(socket).error());
  return std::unique_ptr<StatsdMetricsSink>(new StatsdMetricsSink(options, std::move(*socket)));
}

StatsdMetricsSink::~StatsdMetricsSink() { send_pending(); }

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

Result<void> StatsdMetricsSink::flush() {
  std::lock_guard lock(mutex_);
  send_pending();
  // On this machine, and sometimes from afar, the refusal of the last datagram is known at once.
  int error = 0;
  socklen_t size = sizeof error;
  if (::getsockopt(socket_.get(), SOL_SOCKET, SO_ERROR, &error, &size) == 0 && error != 0) {
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
    if (pending_.size() + line_break + lines.size() > kMaxDatagram) send_pending();
    if (!pending_.empty()) pending_ += '\n';
    pending_ += lines;
  }
}

void StatsdMetricsSink::send_pending() {
  if (pending_.empty()) return;
  const auto send = [&] {
    return ::send(socket_.get(), pending_.data(), pending_.size(), MSG_NOSIGNAL) >= 0;
  };
  // A refused send tells of the datagram before; it sends nothing, and the next one may arrive.
  if (!send()) {
    const int error = errno;
    note(ErrorCode::unavailable, errno_text(error));
    if (error == ECONNREFUSED) send();
  }
  pending_.clear();
}

void StatsdMetricsSink::note(ErrorCode code, std::string message) {
  if (!flaw_) flaw_ = Error{code, std::move(message), "statsd " + options_.address};
}

}  // namespace rz
