#include "rz/base/sha256.h"

#include <doctest/doctest.h>

#include "rz/base/process.h"
#include "rz/base/text.h"
#include "support/patience.h"

namespace rz {
namespace {

std::string digest(std::string_view bytes, std::size_t piece) {
  Sha256 sha;
  for (std::size_t at = 0; at < bytes.size(); at += piece) sha.update(bytes.substr(at, piece));
  return sha.finish();
}

TEST_CASE("the digests of FIPS 180-4") {
  CHECK(digest("", 1) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  CHECK(digest("abc", 3) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  CHECK(digest("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 5) ==
        "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
}

TEST_CASE("the digest is that of sha256sum, however long the bytes and their pieces are") {
  for (const std::size_t size : {1u, 55u, 56u, 63u, 64u, 65u, 119u, 120u, 128u, 1000u}) {
    std::string bytes;
    for (std::size_t i = 0; i < size; ++i) bytes += static_cast<char>(i * 37 + size);
    const auto other =
        run_process({.argv = {"sha256sum"}, .input = bytes, .timeout = test::kPatience});
    REQUIRE(other.has_value());
    const std::string wanted(split(std::string_view(other->output), ' ').front());
    for (const std::size_t piece : {1u, 7u, 64u, 100u, 4096u})
      CHECK(digest(bytes, piece) == wanted);
  }
}

}  // namespace
}  // namespace rz
