#include "rz/server/outgoing_answer.h"

#include <sys/socket.h>
#include <sys/uio.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <ctime>
#include <string_view>

namespace rz::server {
namespace {

struct Reason {
  int status;
  std::string_view phrase;
};
constexpr Reason kReasons[] = {{200, "OK"},
                               {400, "Bad Request"},
                               {401, "Unauthorized"},
                               {403, "Forbidden"},
                               {404, "Not Found"},
                               {405, "Method Not Allowed"},
                               {413, "Content Too Large"},
                               {414, "URI Too Long"},
                               {417, "Expectation Failed"},
                               {431, "Request Header Fields Too Large"},
                               {500, "Internal Server Error"},
                               {503, "Service Unavailable"},
                               {505, "HTTP Version Not Supported"}};

// It may be empty.
std::string_view phrase_of(int status) {
  for (const Reason& reason : kReasons) {
    if (reason.status == status) return reason.phrase;
  }
  return "";
}

// `Fri, 27 Nov 2026 06:40:00 GMT`, without the words of a locale.
std::string date_now() {
  constexpr const char* kDays[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr const char* kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const std::time_t now = std::time(nullptr);
  std::tm utc{};
  ::gmtime_r(&now, &utc);
  std::array<char, 32> rest{};
  const std::size_t size = std::strftime(rest.data(), rest.size(), " %Y %H:%M:%S GMT", &utc);
  const std::string day = std::to_string(utc.tm_mday);
  return std::string(kDays[utc.tm_wday]) + ", " + (day.size() < 2 ? "0" : "") + day + " " +
         kMonths[utc.tm_mon] + std::string(rest.data(), size);
}

}  // namespace

OutgoingAnswer::OutgoingAnswer(const Answer& answer, const Framing& framing) {
  const std::size_t length = answer.body ? answer.body->size() : 0;
  head_ = "HTTP/1.1 " + std::to_string(answer.status);
  head_.append(" ").append(phrase_of(answer.status)).append("\r\n");
  const auto add = [&](std::string_view name, std::string_view value) {
    head_.append(name).append(": ").append(value).append("\r\n");
  };
  add("Date", date_now());
  add("Content-Type", answer.content_type);
  add("Content-Length", std::to_string(length));
  add("Cache-Control", "no-store");
  add("X-Content-Type-Options", "nosniff");
  for (const auto& [name, value] : answer.headers) add(name, value);
  if (framing.last) {
    add("Connection", "close");
  } else if (framing.says_alive) {
    add("Connection", "keep-alive");
  }
  head_ += "\r\n";
  if (!framing.head_only && length > 0) body_ = answer.body;
}

OutgoingAnswer::Progress OutgoingAnswer::send_to(int fd) {
  const std::size_t whole = head_.size() + (body_ ? body_->size() : 0);
  while (sent_ < whole) {
    std::array<iovec, 2> parts{};
    std::size_t count = 0;
    const auto add = [&](const std::string& bytes, std::size_t from) {
      parts[count++] = {const_cast<char*>(bytes.data()) + from, bytes.size() - from};
    };
    if (sent_ < head_.size()) add(head_, sent_);
    if (body_) add(*body_, sent_ - std::min(sent_, head_.size()));
    msghdr message{};
    message.msg_iov = parts.data();
    message.msg_iovlen = count;
    const auto sent = ::sendmsg(fd, &message, MSG_NOSIGNAL);
    if (sent >= 0) {
      sent_ += static_cast<std::size_t>(sent);
    } else if (errno != EINTR) {
      return errno == EAGAIN || errno == EWOULDBLOCK ? Progress::blocked : Progress::failed;
    }
  }
  return Progress::done;
}

}  // namespace rz::server
