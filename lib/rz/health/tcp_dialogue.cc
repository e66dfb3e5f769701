#include "rz/health/tcp_dialogue.h"

#include <array>
#include <utility>

#include "rz/base/text.h"
#include "rz/net/line_reader.h"

namespace rz::health {
namespace {

// A server that never stops sending must not fill the memory.
constexpr std::size_t kMaxAnswerBytes = 64 * 1024;

}  // namespace

std::optional<TcpDialogueFailure> TcpDialogue::run(const std::vector<TcpStep>& steps) {
  for (std::size_t i = 0; i < steps.size(); ++i) {
    auto failure = take(steps[i]);
    if (!failure) continue;
    if (steps.size() > 1) {
      failure->error.message = "step " + std::to_string(i + 1) + ": " + failure->error.message;
    }
    return failure;
  }
  return std::nullopt;
}

std::optional<TcpDialogueFailure> TcpDialogue::take(const TcpStep& step) {
  switch (step.kind) {
    case TcpStep::Kind::send: {
      has_sent_ = true;
      auto sent = transport_->write_all(step.text, deadline_);
      if (sent) return std::nullopt;
      return TcpDialogueFailure{std::move(sent).error()};
    }
    case TcpStep::Kind::expect:
      return await(net::quoted_answer(step.text),
                   [&](const std::string& text) -> std::optional<Regex::Match> {
                     const std::size_t at = text.find(step.text);
                     if (at == std::string::npos) return std::nullopt;
                     return Regex::Match{at, at + step.text.size()};
                   });
    case TcpStep::Kind::expect_regex: {
      const auto regex = compile_regex(step.text);
      if (!regex) return TcpDialogueFailure{regex.error()};
      return await("a match of " + net::quoted_answer(step.text),
                   [&](const std::string& text) { return (*regex)->find(text); });
    }
    case TcpStep::Kind::starttls: return change_to_tls();
  }
  return std::nullopt;
}

std::optional<TcpDialogueFailure> TcpDialogue::read_more() {
  std::array<char, 4096> buffer{};
  if (read_.size() >= kMaxAnswerBytes) {
    return TcpDialogueFailure{Error{ErrorCode::corrupt, "64 KiB without it", {}}};
  }
  const auto count = transport_->read_some(buffer, deadline_);
  if (!count) return TcpDialogueFailure{count.error()};
  read_.append(buffer.data(), *count);
  return std::nullopt;
}

std::optional<TcpDialogueFailure> TcpDialogue::await(const std::string& expected,
                                                     const Find& find) {
  while (true) {
    if (const auto match = find(read_)) {
      read_.erase(0, match->end);
      return std::nullopt;
    }
    const auto failure = read_more();
    if (!failure) continue;
    // The end of a line that was expected is not an answer.
    if (trim(read_).empty()) return failure;
    return unexpected(expected, "then " + failure->error.message);
  }
}

TcpDialogueFailure TcpDialogue::unexpected(const std::string& expected,
                                           const std::string& then) const {
  std::string message = "the answer is not the expected one (" + then + ")";
  if (!has_sent_) {
    message = "got " + net::quoted_answer(read_) + ", expected " + expected + " (" + then + ")";
  }
  return {Error{ErrorCode::unavailable, std::move(message), {}}, true};
}

// The rest of the line that was expected may still come. Behind it nothing may: whoever is on the
// way could put words into the server's mouth before TLS protects them.
std::optional<TcpDialogueFailure> TcpDialogue::change_to_tls() {
  std::size_t end = std::string::npos;
  while (!read_.empty() && (end = read_.find('\n')) == std::string::npos) {
    if (auto failure = read_more()) return failure;
  }
  if (!read_.empty() && end + 1 < read_.size()) {
    return TcpDialogueFailure{
        Error{ErrorCode::corrupt, "the server sends more in clear text before TLS", {}}};
  }
  read_.clear();
  auto secured = secure_(std::move(transport_));
  if (!secured) return TcpDialogueFailure{std::move(secured).error()};
  transport_ = *std::move(secured);
  return std::nullopt;
}

}  // namespace rz::health
