#include "rz/bench/http/response_scanner.h"

#include <algorithm>
#include <array>
#include <bit>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "rz/base/text.h"

namespace rz::bench {
namespace {

bool is_control(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return (byte < 0x20 && c != '\t') || byte == 0x7F;
}

/// How many bytes of `text` stand before its first control character; a tab is none.
std::size_t length_before_control(std::string_view text) {
  std::size_t at = 0;
#ifdef __SSE2__
  const __m128i highest = _mm_set1_epi8(0x1F);
  const __m128i tab = _mm_set1_epi8('\t');
  const __m128i del = _mm_set1_epi8(0x7F);
  for (; at + 16 <= text.size(); at += 16) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(text.data() + at));
    const __m128i low = _mm_cmpeq_epi8(_mm_min_epu8(bytes, highest), bytes);
    const __m128i control =
        _mm_or_si128(_mm_andnot_si128(_mm_cmpeq_epi8(bytes, tab), low), _mm_cmpeq_epi8(bytes, del));
    const auto found = static_cast<unsigned>(_mm_movemask_epi8(control));
    if (found != 0) return at + static_cast<std::size_t>(std::countr_zero(found));
  }
#endif
  while (at < text.size() && !is_control(text[at])) ++at;
  return at;
}

// RFC 9110, section 5.6.2.
constexpr auto kTokenBytes = [] {
  std::array<bool, 256> table{};
  for (const char c : std::string_view("!#$%&'*+-.^_`|~0123456789"
                                       "abcdefghijklmnopqrstuvwxyz"
                                       "ABCDEFGHIJKLMNOPQRSTUVWXYZ")) {
    table[static_cast<unsigned char>(c)] = true;
  }
  return table;
}();

std::size_t token_length(std::string_view text) {
  std::size_t at = 0;
  while (at < text.size() && kTokenBytes[static_cast<unsigned char>(text[at])]) ++at;
  return at;
}

std::string_view without_blanks(std::string_view text) {
  const auto is_blank = [](char c) { return c == ' ' || c == '\t'; };
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

// `;name` or `;name=value`, repeated. Node.js takes a quoted value too; nobody sends one.
bool is_chunk_extension(std::string_view text) {
  while (text.starts_with(';')) {
    text.remove_prefix(1);
    const std::size_t name = token_length(text);
    if (name == 0) return false;
    text.remove_prefix(name);
    if (!text.starts_with('=')) continue;
    text.remove_prefix(1);
    const std::size_t value = token_length(text);
    if (value == 0) return false;
    text.remove_prefix(value);
  }
  return text.empty();
}

}  // namespace

void ResponseScanner::begin(bool to_head) {
  state_ = State::status_line;
  fault_ = ResponseFault::none;
  to_head_ = to_head;
  has_length_ = chunked_ = says_close_ = says_keep_alive_ = keeps_alive_ = carriage_return_ = false;
  interim_ = 0;
  line_bytes_ = 0;
  if (!cut_line_.empty()) cut_line_.clear();
}

std::size_t ResponseScanner::feed(std::string_view bytes) {
  const std::size_t size = bytes.size();
  while (!bytes.empty() && state_ < State::complete) {
    switch (state_) {
      case State::body:
      case State::chunk: {
        const std::uint64_t count = std::min<std::uint64_t>(remaining_, bytes.size());
        skip(count);
        bytes.remove_prefix(static_cast<std::size_t>(count));
        break;
      }
      case State::body_to_end: bytes = {}; break;
      default: {
        std::string_view line;
        if (take_line(bytes, line)) {
          read_line(line);
          if (!cut_line_.empty()) cut_line_.clear();
        }
      }
    }
  }
  return size - bytes.size();
}

void ResponseScanner::skip(std::uint64_t count) {
  remaining_ -= count;
  if (remaining_ > 0) return;
  state_ = state_ == State::body ? State::complete : State::chunk_end;
}

bool ResponseScanner::close() {
  if (state_ == State::body_to_end) state_ = State::complete;
  return is_complete();
}

/// The next line without its end, if all of it is there; else `bytes` is used up, or there is a
/// fault. A line is checked as it comes, so that where the reads cut it does not matter.
bool ResponseScanner::take_line(std::string_view& bytes, std::string_view& line) {
  std::size_t text = 0;
  if (!carriage_return_) {
    text = length_before_control(bytes);
    line_bytes_ += text;
    if (line_bytes_ > kMaxHead) {
      fail_with(ResponseFault::head_size);
      return false;
    }
    const bool must_be_empty = state_ == State::chunk_end;
    if ((text < bytes.size() && bytes[text] != '\r') || (must_be_empty && text > 0)) {
      fail_with(fault_of_line());
      return false;
    }
    if (text + 1 >= bytes.size()) {
      cut_line_.append(bytes.substr(0, text));
      carriage_return_ = text < bytes.size();
      bytes = {};
      return false;
    }
  }
  const std::size_t line_feed = carriage_return_ ? 0 : text + 1;
  if (bytes[line_feed] != '\n') {
    fail_with(fault_of_line());
    return false;
  }
  line_bytes_ += 2;
  line = bytes.substr(0, text);
  if (!cut_line_.empty()) {
    cut_line_.append(line);
    line = cut_line_;
  }
  carriage_return_ = false;
  bytes.remove_prefix(line_feed + 1);
  return true;
}

ResponseFault ResponseScanner::fault_of_line() const {
  const bool of_chunk = state_ == State::chunk_size || state_ == State::chunk_end;
  return of_chunk ? ResponseFault::chunk : ResponseFault::head;
}

void ResponseScanner::read_line(std::string_view line) {
  switch (state_) {
    case State::status_line: return read_status_line(line);
    case State::header: return line.empty() ? end_head() : read_header(line);
    case State::chunk_size: return read_chunk_size(line);
    case State::chunk_end:
      line_bytes_ = 0;
      state_ = State::chunk_size;
      return;
    default:
      if (!line.empty()) return read_header(line);
      keeps_alive_ = version_1_1_ && !says_close_;
      state_ = State::complete;
  }
}

void ResponseScanner::read_status_line(std::string_view line) {
  // `HTTP/1.1 200 OK`; the reason may be missing.
  constexpr std::size_t kStatusEnd = 12;
  const bool complete = line.size() == kStatusEnd || (line.size() > kStatusEnd && line[12] == ' ');
  version_1_1_ = line.starts_with("HTTP/1.1 ");
  if (!complete || !(version_1_1_ || line.starts_with("HTTP/1.0 ")) || line[9] < '1' ||
      line[9] > '5' || !is_digit(line[10]) || !is_digit(line[11])) {
    return fail_with(ResponseFault::head);
  }
  status_ = (line[9] - '0') * 100 + (line[10] - '0') * 10 + (line[11] - '0');
  state_ = State::header;
}

void ResponseScanner::read_header(std::string_view line) {
  const std::size_t name = token_length(line);
  if (name == 0 || name == line.size() || line[name] != ':') return fail_with(ResponseFault::head);
  // Nearly all headers mean nothing here, and their names' lengths tell.
  constexpr std::string_view kConnection = "connection";
  constexpr std::string_view kLength = "content-length";
  constexpr std::string_view kCoding = "transfer-encoding";
  if (name != kConnection.size() && name != kLength.size() && name != kCoding.size()) return;
  const std::string_view key = line.substr(0, name);
  const std::string_view value = without_blanks(line.substr(name + 1));
  if (equals_ignore_case(key, kConnection)) return read_connection(value);
  const bool is_length = equals_ignore_case(key, kLength);
  if (!is_length && !equals_ignore_case(key, kCoding)) return;
  // Behind the body it would be too late to tell where that ends. Readers do not agree on what a
  // tab is: after `chunked` Node.js takes it for a part of the name.
  if (state_ == State::trailer || has_length_ || chunked_ ||
      line.find('\t') != std::string_view::npos) {
    return fail_with(ResponseFault::length);
  }
  if (is_length) {
    read_length(value);
  } else {
    read_coding(value);
  }
}

void ResponseScanner::read_length(std::string_view value) {
  // 18 digits fit into 64 bits.
  if (value.empty() || value.size() > 18 || !std::all_of(value.begin(), value.end(), is_digit)) {
    return fail_with(ResponseFault::length);
  }
  has_length_ = true;
  remaining_ = 0;
  for (const char c : value) remaining_ = remaining_ * 10 + static_cast<std::uint64_t>(c - '0');
}

void ResponseScanner::read_coding(std::string_view value) {
  // A server of HTTP/1.0 knows no codings; what it says may be of one behind it.
  if (!version_1_1_ || !equals_ignore_case(value, "chunked")) {
    return fail_with(ResponseFault::length);
  }
  chunked_ = true;
}

void ResponseScanner::read_connection(std::string_view value) {
  while (!value.empty()) {
    const std::size_t comma = std::min(value.find(','), value.size());
    const std::string_view token = without_blanks(value.substr(0, comma));
    if (equals_ignore_case(token, "close")) says_close_ = true;
    if (equals_ignore_case(token, "keep-alive")) says_keep_alive_ = true;
    value.remove_prefix(std::min(comma + 1, value.size()));
  }
}

void ResponseScanner::read_chunk_size(std::string_view line) {
  std::size_t digits = 0;
  remaining_ = 0;
  for (; digits < line.size() && hex_digit(line[digits]) >= 0; ++digits) {
    if (digits == 15) return fail_with(ResponseFault::chunk);
    remaining_ = remaining_ * 16 + static_cast<std::uint64_t>(hex_digit(line[digits]));
  }
  if (digits == 0 || !is_chunk_extension(line.substr(digits))) {
    return fail_with(ResponseFault::chunk);
  }
  line_bytes_ = 0;
  state_ = remaining_ > 0 ? State::chunk : State::trailer;
}

void ResponseScanner::end_head() {
  if (status_ == 101) return fail_with(ResponseFault::upgrade);
  line_bytes_ = 0;
  if (status_ < 200) {
    if (++interim_ > kMaxInterim) return fail_with(ResponseFault::head_size);
    has_length_ = chunked_ = says_close_ = says_keep_alive_ = false;
    state_ = State::status_line;
    return;
  }
  keeps_alive_ = !says_close_ && (version_1_1_ || says_keep_alive_);
  if (to_head_ || status_ == 204 || status_ == 304) {
    state_ = State::complete;
  } else if (chunked_) {
    state_ = State::chunk_size;
  } else if (has_length_) {
    state_ = remaining_ > 0 ? State::body : State::complete;
  } else {
    keeps_alive_ = false;
    state_ = State::body_to_end;
  }
}

void ResponseScanner::fail_with(ResponseFault fault) {
  fault_ = fault;
  state_ = State::faulty;
}

}  // namespace rz::bench
