#include "rz/server/http_body.h"

#include <algorithm>
#include <charconv>

namespace rz::server {
namespace {

// Of a chunk's size with its extensions, and of a line of the trailer. Nobody uses either.
constexpr std::size_t kLongestLine = 1024;
constexpr std::size_t kLongestTrailer = 8192;

}  // namespace

BodyReader::BodyReader(const RequestHead& head, std::uint64_t most)
    : chunked_(head.chunked), left_(head.length), room_(most) {
  if (chunked_) {
    part_ = Part::size_line;
  } else if (left_ > room_) {
    state_ = State::too_large;
  } else if (left_ == 0) {
    state_ = State::done;
  }
}

BodyReader::State BodyReader::take(std::string_view& input, std::string& body) {
  while (state_ == State::more && take_part(input, body)) {
  }
  return state_;
}

// False: more of the input is needed.
bool BodyReader::take_part(std::string_view& input, std::string& body) {
  if (input.empty()) return false;
  if (part_ == Part::data) return take_data(input, body);
  if (!take_line(input)) return false;
  if (state_ == State::more) end_line();
  return true;
}

bool BodyReader::take_data(std::string_view& input, std::string& body) {
  const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(left_, input.size()));
  body.append(input.substr(0, size));
  input.remove_prefix(size);
  left_ -= size;
  if (left_ > 0) return false;
  if (chunked_) {
    part_ = Part::data_end;
  } else {
    state_ = State::done;
  }
  return true;
}

bool BodyReader::take_line(std::string_view& input) {
  const std::size_t end = input.find('\n');
  const std::size_t size = std::min(end == std::string_view::npos ? input.size() : end + 1,
                                    kLongestLine + 1 - line_.size());
  line_.append(input.substr(0, size));
  input.remove_prefix(size);
  if (!line_.ends_with('\n') && line_.size() <= kLongestLine) return false;
  const bool is_line = line_.size() <= kLongestLine && line_.find('\r') == line_.size() - 2;
  if (!is_line) state_ = State::malformed;
  return true;
}

void BodyReader::end_line() {
  const std::string_view line = std::string_view(line_).substr(0, line_.size() - 2);
  if (part_ == Part::size_line) {
    begin_chunk();
  } else if (part_ == Part::data_end) {
    if (!line.empty()) state_ = State::malformed;
    part_ = Part::size_line;
  } else if (line.empty()) {
    state_ = State::done;
  } else if ((trailer_bytes_ += line_.size()) > kLongestTrailer) {
    state_ = State::malformed;
  }
  line_.clear();
}

// `1a; extension`
void BodyReader::begin_chunk() {
  const char* const end = line_.data() + line_.size() - 2;
  const auto [after, error] = std::from_chars(line_.data(), end, left_, 16);
  if (error == std::errc::result_out_of_range) {
    state_ = State::too_large;
  } else if (error != std::errc() || (after != end && *after != ';')) {
    state_ = State::malformed;
  } else if (left_ > room_) {
    state_ = State::too_large;
  } else {
    room_ -= left_;
    part_ = left_ > 0 ? Part::data : Part::trailer;
  }
}

}  // namespace rz::server
