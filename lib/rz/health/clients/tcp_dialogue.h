#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "rz/base/regex.h"
#include "rz/base/result.h"
#include "rz/net/transport.h"

namespace rz::health {

/// One step of a dialogue with a server.
struct TcpStep {
  enum class Kind {
    send,          ///< `text` is sent.
    expect,        ///< `text` must come.
    expect_regex,  ///< What matches the regular expression `text` must come.
    starttls,      ///< The connection changes to TLS.
  };

  Kind kind = Kind::send;
  std::string text{};
};

/// Why a dialogue ended before its last step.
struct TcpDialogueFailure {
  Error error;
  /// The server has answered, but with something else.
  bool answered = false;
};

/// Talks with a server step by step. What is read beyond an expected text is kept for the next
/// step. At most 64 KiB are read for one step. No message holds what is sent, nor, once something
/// was sent, what came or was expected, except a code of a reply, as `250` or `-ERR`: many servers
/// repeat what they receive, and a password may be in it.
class TcpDialogue {
 public:
  /// Makes the handshake of TLS over the connection.
  using Secure =
      std::function<Result<std::unique_ptr<net::Transport>>(std::unique_ptr<net::Transport>)>;

  TcpDialogue(std::unique_ptr<net::Transport> transport, Secure secure, Deadline deadline)
      : transport_(std::move(transport)), secure_(std::move(secure)), deadline_(deadline) {}

  /// Nothing if every step succeeded. The message of a failure begins with the number of its step,
  /// if there are several.
  std::optional<TcpDialogueFailure> run(const std::vector<TcpStep>& steps);

  /// How long it was from the begin of run() to the first byte that was read; 0: none was.
  std::chrono::microseconds first_byte() const { return first_byte_; }

 private:
  using Find = std::function<std::optional<Regex::Match>(const std::string& text)>;

  std::optional<TcpDialogueFailure> take(const TcpStep& step);
  std::optional<TcpDialogueFailure> await(const TcpStep& step, const Find& find);
  std::optional<TcpDialogueFailure> read_more();
  TcpDialogueFailure unexpected(const TcpStep& step, const std::string& then) const;
  std::optional<TcpDialogueFailure> change_to_tls();

  std::unique_ptr<net::Transport> transport_;
  Secure secure_;
  Deadline deadline_;
  std::string read_;  ///< And not yet expected by a step.
  std::string sent_;
  std::chrono::steady_clock::time_point begin_{};
  std::chrono::microseconds first_byte_{0};
};

}  // namespace rz::health
