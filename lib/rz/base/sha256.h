#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace rz {

/// The digest SHA-256 (FIPS 180-4) of bytes that come piece by piece. Not for secrets: nothing here
/// is constant-time. OpenSSL's would load a library of 4 MB to compare a file with its digest.
class Sha256 {
 public:
  void update(std::string_view bytes);

  /// The digest of all that was given, in lower-case hexadecimal; the object is used up.
  std::string finish();

 private:
  void process_block(const unsigned char* block);

  std::array<std::uint32_t, 8> state_ = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                         0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
  std::string rest_;  ///< Less than a block.
  std::uint64_t bytes_ = 0;
};

}  // namespace rz
