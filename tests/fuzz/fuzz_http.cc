#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "fuzz/fuzz_targets.h"
#include "rz/server/http_body.h"
#include "rz/server/http_head.h"

namespace rz::fuzz {
namespace {

constexpr std::uint64_t kMostBody = 64;

bool is_line(std::string_view text) {
  return std::none_of(text.begin(), text.end(),
                      [](char c) { return c == '\r' || c == '\n' || c == '\0'; });
}

void require_lines(const server::Request& request) {
  for (const std::string* text : {&request.method, &request.target, &request.accept,
                                  &request.authorization, &request.origin}) {
    require(is_line(*text), "what a head says has no line ends");
  }
}

/// Takes what arrives, as the server does, and notes what came of it.
class RequestReader {
 public:
  void take(std::string_view piece) {
    in_ += piece;
    while (!ended_ && step()) {
    }
  }
  const std::string& log() const { return log_; }

 private:
  bool step() { return body_ ? take_body() : take_head(); }

  bool take_head() {
    const auto end = server::find_head_end(in_, searched_);
    searched_ = in_.size() - std::min<std::size_t>(in_.size(), 2);
    if (!end) return false;
    auto head = server::parse_head(std::string_view(in_).substr(0, *end));
    in_.erase(0, *end);
    searched_ = 0;
    if (!head) {
      log_ += std::to_string(head.error().status) + head.error().why + "\n";
      ended_ = true;
      return false;
    }
    require_lines(head->request);
    log_ += head->request.method + " " + head->request.target + "\n";
    body_.emplace(*head, kMostBody);
    return true;
  }

  bool take_body() {
    std::string_view input = in_;
    const auto state = body_->take(input, text_);
    in_.erase(0, in_.size() - input.size());
    require(text_.size() <= kMostBody, "a body is as large as it may be");
    if (state == server::BodyReader::State::more) return false;
    log_ += std::to_string(static_cast<int>(state)) + std::exchange(text_, {}) + "\n";
    ended_ = state != server::BodyReader::State::done;
    body_.reset();
    return true;
  }

  std::string in_;
  std::size_t searched_ = 0;
  std::optional<server::BodyReader> body_;
  std::string text_;
  std::string log_;
  bool ended_ = false;
};

}  // namespace

void http(std::string_view input) {
  RequestReader whole;
  whole.take(input);
  RequestReader cut;
  for (const char& c : input) cut.take({&c, 1});
  // A body that is too large or no body is known before its last byte, which adds nothing.
  require(whole.log() == cut.log(), "it is the same however it is cut");
}

}  // namespace rz::fuzz
