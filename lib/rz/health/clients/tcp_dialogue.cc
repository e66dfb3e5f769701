#include "rz/health/clients/tcp_dialogue.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

#include "rz/base/text.h"
#include "rz/net/line_reader.h"

namespace rz::health {
namespace {

// A server that never stops sending must not fill the memory.
constexpr std::size_t kMaxAnswerBytes = 64 * 1024;

// Words at the begin of a reply that tell how it went, in POP3 and Redis. No secret is one.
constexpr std::string_view kReplyWords[] = {"+OK",         "-ERR",     "-NOAUTH",
                                            "-WRONGPASS",  "-LOADING", "-READONLY",
                                            "-MASTERDOWN", "-BUSY",    "-OOM"};

// The code with which `text`, a reply of a server, begins: three digits, as in SMTP and FTP, or one
// of those words; empty: it begins otherwise.
std::string_view reply_code(std::string_view text) {
  text = trim(text);
  const std::string_view word = text.substr(0, text.find_first_of(" \t\r\n"));
  if (std::find(std::begin(kReplyWords), std::end(kReplyWords), word) != std::end(kReplyWords)) {
    return word;
  }
  const std::string_view digits = word.substr(0, word.find('-'));
  return digits.size() == 3 && std::all_of(digits.begin(), digits.end(), is_digit)
             ? digits
             : std::string_view();
}

std::string description_of(const TcpStep& step) {
  return (step.kind == TcpStep::Kind::expect_regex ? "a match of " : "") +
         net::quoted_answer(step.text);
}

}  // namespace

std::optional<TcpDialogueFailure> TcpDialogue::run(const std::vector<TcpStep>& steps) {
  begin_ = std::chrono::steady_clock::now();
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
      sent_ += step.text;
      auto sent = transport_->write_all(step.text, deadline_);
      if (sent) return std::nullopt;
      return TcpDialogueFailure{std::move(sent).error()};
    }
    case TcpStep::Kind::expect:
      return await(step, [&](const std::string& text) -> std::optional<Regex::Match> {
        const std::size_t at = text.find(step.text);
        if (at == std::string::npos) return std::nullopt;
        return Regex::Match{at, at + step.text.size()};
      });
    case TcpStep::Kind::expect_regex: {
      const auto regex = compile_regex(step.text);
      if (!regex) return TcpDialogueFailure{regex.error()};
      return await(step, [&](const std::string& text) { return (*regex)->find(text); });
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
  if (first_byte_.count() == 0) {
    first_byte_ =
        std::chrono::ceil<std::chrono::microseconds>(std::chrono::steady_clock::now() - begin_);
  }
  read_.append(buffer.data(), *count);
  return std::nullopt;
}

std::optional<TcpDialogueFailure> TcpDialogue::await(const TcpStep& step, const Find& find) {
  while (true) {
    if (const auto match = find(read_)) {
      read_.erase(0, match->end);
      return std::nullopt;
    }
    const auto failure = read_more();
    if (!failure) continue;
    // The end of a line that was expected is not an answer.
    if (trim(read_).empty()) return failure;
    const bool silent = failure->error.code == ErrorCode::timeout;
    return unexpected(step, silent ? "then nothing more" : "then " + failure->error.message);
  }
}

TcpDialogueFailure TcpDialogue::unexpected(const TcpStep& step, const std::string& then) const {
  // What is left of the line that an earlier step expected comes before it.
  const std::string_view read = trim(read_);
  const std::string_view code = reply_code(read.substr(read.rfind('\n') + 1));
  const std::string_view wanted = reply_code(step.text);
  std::string message = "the answer is not the expected one";
  if (sent_.empty()) {
    message = "got " + net::quoted_answer(read_) + ", expected " + description_of(step);
  } else if (!code.empty() && sent_.find(code) == std::string::npos) {
    const bool whole = step.kind == TcpStep::Kind::expect && wanted == trim(step.text);
    message = "got an answer that begins with " + std::string(code) + ", " +
              (whole ? "expected " + std::string(wanted) : "not the expected one");
  }
  return {Error{ErrorCode::unavailable, message + " (" + then + ")", {}}, true};
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
