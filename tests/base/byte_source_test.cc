#include "rz/base/byte_source.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include <string>
#include <thread>
#include <vector>

#include "rz/base/file.h"
#include "support/temp_folder.h"

namespace rz {
namespace {

std::string gzip(std::string_view text) {
  z_stream stream{};
  REQUIRE(::deflateInit2(&stream, 6, Z_DEFLATED, 31, 8, Z_DEFAULT_STRATEGY) == Z_OK);
  std::string packed(::deflateBound(&stream, text.size()) + 64, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  REQUIRE(::deflate(&stream, Z_FINISH) == Z_STREAM_END);
  packed.resize(packed.size() - stream.avail_out);
  ::deflateEnd(&stream);
  return packed;
}

std::string zstd(std::string_view text) {
  std::string packed(::ZSTD_compressBound(text.size()), '\0');
  packed.resize(::ZSTD_compress(packed.data(), packed.size(), text.data(), text.size(), 3));
  return packed;
}

std::string some_text(std::size_t size) {
  std::string text;
  for (unsigned n = 1; text.size() < size; n = n * 1664525 + 1013904223) {
    text += std::to_string(n >> 12) + "\n";
  }
  return text.substr(0, size);
}

struct ByteSourceFixture {
  TempFolder folder;

  /// All of it, read in pieces of `piece` bytes; or the error.
  std::string read(const std::string& content, std::size_t piece = 1000) {
    REQUIRE(write_file(folder / "f", content).has_value());
    auto source = open_byte_source(folder / "f");
    if (!source) return to_string(source.error());
    CHECK((*source)->size() == content.size());
    std::string text;
    std::vector<char> buffer(piece);
    for (;;) {
      const auto count = (*source)->read(buffer.data(), buffer.size());
      if (!count) return count.error().code == ErrorCode::corrupt ? "corrupt" : "other";
      CHECK(*count <= piece);
      if (*count == 0) break;
      text.append(buffer.data(), *count);
    }
    CHECK((*source)->consumed() == content.size());
    return text;
  }
};

}  // namespace

TEST_CASE_FIXTURE(ByteSourceFixture,
                  "plain bytes, also those that begin like something compressed") {
  CHECK(read("").empty());
  for (const char* text : {"x", "\x1f", "\x1fx", "\x28\xb5\x2f", "some text"}) {
    CHECK(read(text) == text);
    CHECK(read(text, 1) == text);
  }
}

TEST_CASE_FIXTURE(ByteSourceFixture,
                  "gzip and Zstandard, in one part or several, read in pieces of any size") {
  const std::string text = some_text(1'000'000);
  for (const std::size_t piece : {7, 4096, 3'000'000}) {
    CHECK(read(gzip(text), piece) == text);
    CHECK(read(zstd(text), piece) == text);
  }
  CHECK(read(gzip("a\n") + gzip("") + gzip("b\n")) == "a\nb\n");
  CHECK(read(zstd("a\n") + zstd("") + zstd("b\n")) == "a\nb\n");
  CHECK(read(gzip("")).empty());
  CHECK(read(zstd("")).empty());
}

TEST_CASE_FIXTURE(ByteSourceFixture, "what is cut off or damaged is an error, wherever that is") {
  const std::string text = some_text(3000);
  for (const std::string& packed : {gzip(text), zstd(text)}) {
    for (std::size_t size = 4; size < packed.size(); size += 37) {
      CAPTURE(size);
      CHECK(read(packed.substr(0, size)) == "corrupt");
    }
    CHECK(read(packed + packed.substr(0, packed.size() - 1)) == "corrupt");
  }
  std::string damaged = gzip(text);
  damaged[damaged.size() - 6] ^= 1;  // Its checksum.
  CHECK(read(damaged) == "corrupt");
}

TEST_CASE_FIXTURE(ByteSourceFixture, "what cannot be opened") {
  const auto none = open_byte_source(folder / "none");
  REQUIRE_FALSE(none.has_value());
  CHECK(none.error().code == ErrorCode::not_found);
  CHECK(none.error().where == folder / "none");
  const auto here = open_byte_source(folder.path());
  REQUIRE_FALSE(here.has_value());
  CHECK(here.error().code == ErrorCode::invalid_argument);
}

TEST_CASE_FIXTURE(ByteSourceFixture, "a pipe gives what it has") {
  REQUIRE(::mkfifo((folder / "pipe").c_str(), 0600) == 0);
  std::thread writer([this] {
    const UniqueFd fd(::open((folder / "pipe").c_str(), O_WRONLY));
    CHECK(write_all(fd.get(), "one\n").has_value());
  });
  auto source = open_byte_source(folder / "pipe");
  REQUIRE(source.has_value());
  CHECK((*source)->size() == 0);
  char buffer[100];
  std::string text;
  for (;;) {
    const auto count = (*source)->read(buffer, sizeof buffer);
    REQUIRE(count.has_value());
    if (*count == 0) break;
    text.append(buffer, *count);
  }
  CHECK(text == "one\n");
  writer.join();
}

}  // namespace rz
