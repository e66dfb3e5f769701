#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "rz/server/request.h"

namespace rz::server {

/// How an answer is put on its connection.
struct Framing {
  bool head_only = false;   ///< The request was HEAD.
  bool last = false;        ///< The connection is closed behind it.
  bool says_alive = false;  ///< The client speaks HTTP/1.0, and must be told that it is not.
};

/// The bytes of an answer, as far as they are not sent yet. The body is shared and never copied.
class OutgoingAnswer {
 public:
  enum class Progress { done, blocked, failed };

  OutgoingAnswer() = default;
  OutgoingAnswer(const Answer& answer, const Framing& framing);

  /// Sends what the socket takes now.
  Progress send_to(int fd);

 private:
  std::string head_;
  std::shared_ptr<const std::string> body_;  ///< Null: none is sent.
  std::size_t sent_ = 0;
};

}  // namespace rz::server
