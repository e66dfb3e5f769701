#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace rz::bench {

/// What is wrong with a response.
enum class ResponseFault {
  none,
  head,       ///< No status line of HTTP/1.0 or 1.1, or a line that is no header.
  head_size,  ///< More than kMaxHead bytes of head or trailers, or too many interim responses.
  length,     ///< Two lengths, one that is no number, or a coding other than `chunked`.
  chunk,      ///< No size of a chunk, or one that does not end where it says.
  upgrade,    ///< 101, which nobody asked for.
};

/// Finds the end of each response on a connection of HTTP/1.1 (RFC 9112), as its bytes come in, and
/// nothing else of it: the status, whether the connection may be used again. It is strict: what two
/// readers might understand differently is a fault. It refuses all that Node.js refuses, and reads
/// what both take in the same way; a test compares them. It allocates nothing, unless a line is
/// cut in two by the reads.
class ResponseScanner {
 public:
  static constexpr std::size_t kMaxHead = 64 * 1024;
  static constexpr int kMaxInterim = 100;

  /// Expects a response; `to_head`: to a request HEAD, so that it has no body.
  void begin(bool to_head);

  /// Reads on in `bytes`, and returns how many of them belong to the response: fewer than all only
  /// if it is_complete() or has a fault().
  std::size_t feed(std::string_view bytes);
  /// The other side has closed. Returns whether that completes the response.
  bool close();

  bool is_complete() const { return state_ == State::complete; }
  ResponseFault fault() const { return fault_; }
  int status() const { return status_; }
  /// Whether the connection may be used for another request; known once the response is complete.
  bool keeps_alive() const { return keeps_alive_; }

  /// How many of the next bytes are surely body, and need not be looked at: skip() takes them.
  std::uint64_t skippable() const { return state_ == State::body ? remaining_ : 0; }
  void skip(std::uint64_t count);

 private:
  enum class State {
    status_line,
    header,
    body,         ///< `remaining_` bytes of it.
    body_to_end,  ///< All up to the end of the connection.
    chunk_size,
    chunk,      ///< `remaining_` bytes of it.
    chunk_end,  ///< The line break behind it.
    trailer,
    complete,
    faulty,
  };

  bool take_line(std::string_view& bytes, std::string_view& line);
  ResponseFault fault_of_line() const;
  void read_line(std::string_view line);
  void read_status_line(std::string_view line);
  void read_header(std::string_view line);
  void read_length(std::string_view value);
  void read_coding(std::string_view value);
  void read_connection(std::string_view value);
  void read_chunk_size(std::string_view line);
  void end_head();
  void fail_with(ResponseFault fault);

  State state_ = State::complete;
  ResponseFault fault_ = ResponseFault::none;
  bool to_head_ = false;
  bool version_1_1_ = false;
  bool has_length_ = false;
  bool chunked_ = false;
  bool says_close_ = false;
  bool says_keep_alive_ = false;
  bool keeps_alive_ = false;
  bool carriage_return_ = false;  ///< Only the line feed of the line is missing.
  int status_ = 0;
  int interim_ = 0;
  std::uint64_t remaining_ = 0;
  std::size_t line_bytes_ = 0;  ///< Of the head, of a chunk's size, or of the trailers, so far.
  std::string cut_line_;        ///< The beginning of a line that is not all there.
};

}  // namespace rz::bench
