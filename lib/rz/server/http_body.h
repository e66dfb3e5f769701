#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "rz/server/http_head.h"

namespace rz::server {

/// Takes the body of one request out of what arrives, piece by piece, and no byte of what follows
/// it.
class BodyReader {
 public:
  enum class State { more, done, too_large, malformed };

  /// `most`: how many bytes a body may have.
  BodyReader(const RequestHead& head, std::uint64_t most);

  State state() const { return state_; }
  /// Takes from the begin of `input` what belongs to the body, and adds that to `body`.
  State take(std::string_view& input, std::string& body);

 private:
  enum class Part { data, size_line, data_end, trailer };

  bool take_part(std::string_view& input, std::string& body);
  bool take_data(std::string_view& input, std::string& body);
  bool take_line(std::string_view& input);
  void end_line();
  void begin_chunk();

  State state_ = State::more;
  Part part_ = Part::data;
  bool chunked_;
  std::uint64_t left_ = 0;  ///< Of the body, or of the chunk.
  std::uint64_t room_;      ///< For more bytes of the body.
  std::string line_;        ///< What has arrived of one.
  std::size_t trailer_bytes_ = 0;
};

}  // namespace rz::server
