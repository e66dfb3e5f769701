#include <zlib.h>
#include <zstd.h>

#include <algorithm>

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "rz/base/compression_module.h"

// The module `compression`: what wraps zlib and libzstd (base/byte_source.h).
namespace rz {
namespace {

constexpr std::size_t kInputSize = 128 * 1024;

/// Gives a decompressor its input.
class Decompressor : public ByteSource {
 public:
  Decompressor(std::unique_ptr<ByteSource> compressed, std::string where)
      : compressed_(std::move(compressed)), where_(std::move(where)), input_(kInputSize) {}

  std::uint64_t consumed() const override { return compressed_->consumed(); }
  std::uint64_t size() const override { return compressed_->size(); }
  bool compressed() const override { return true; }

 protected:
  /// The next stretch of compressed bytes; empty at the end.
  Result<std::span<char>> next_input() {
    const auto count = compressed_->read(input_.data(), input_.size());
    if (!count) return fail(count.error());
    return std::span(input_.data(), *count);
  }

  tl::unexpected<Error> cut_off() const {
    return fail(ErrorCode::corrupt, "the compressed data is cut off: " + at(), where_);
  }
  tl::unexpected<Error> damaged(const char* why) const {
    return fail(ErrorCode::corrupt,
                std::string("the compressed data is damaged: ") +
                    (why != nullptr ? why : "no reason given") + ", " + at(),
                where_);
  }

 private:
  // The input is read in blocks, so the exact place is not known.
  std::string at() const { return "at byte " + std::to_string(consumed()) + " or before"; }

  std::unique_ptr<ByteSource> compressed_;
  std::string where_;
  std::vector<char> input_;
};

class GzipSource final : public Decompressor {
 public:
  using Decompressor::Decompressor;
  ~GzipSource() override {
    if (ready_) ::inflateEnd(&stream_);
  }

  Result<std::size_t> read(char* buffer, std::size_t size) override {
    // 31 is the largest window (15), plus 16 for a gzip header.
    if (!ready_ && ::inflateInit2(&stream_, 31) != Z_OK) return damaged("out of memory");
    ready_ = true;
    // zlib counts bytes in an unsigned int, which a larger buffer could overflow.
    const std::size_t wanted = std::min<std::size_t>(size, 1 << 30);
    stream_.next_out = reinterpret_cast<Bytef*>(buffer);
    stream_.avail_out = static_cast<uInt>(wanted);
    // A step may read a header and produce nothing. Returning 0 then would mean the end of the
    // data.
    while (stream_.avail_out == wanted) {
      if (stream_.avail_in == 0) {
        const auto input = next_input();
        if (!input) return fail(input.error());
        if (input->empty()) {
          if (inside_) return cut_off();
          return 0;
        }
        stream_.next_in = reinterpret_cast<Bytef*>(input->data());
        stream_.avail_in = static_cast<uInt>(input->size());
      }
      inside_ = true;
      const int state = ::inflate(&stream_, Z_NO_FLUSH);
      if (state == Z_STREAM_END) {
        // Another member may follow, as in the output of `cat a.gz b.gz`.
        inside_ = false;
        if (::inflateReset(&stream_) != Z_OK) return damaged(stream_.msg);
      } else if (state != Z_OK && state != Z_BUF_ERROR) {
        return damaged(stream_.msg);
      }
    }
    return wanted - stream_.avail_out;
  }

 private:
  z_stream stream_{};
  bool ready_ = false;
  bool inside_ = false;  ///< Of a member.
};

class ZstdSource final : public Decompressor {
 public:
  using Decompressor::Decompressor;

  Result<std::size_t> read(char* buffer, std::size_t size) override {
    if (stream_ == nullptr) return damaged("out of memory");
    ZSTD_outBuffer out{buffer, size, 0};
    while (out.pos == 0) {
      if (in_.pos == in_.size && !more_to_flush_) {
        const auto input = next_input();
        if (!input) return fail(input.error());
        if (input->empty()) {
          if (inside_) return cut_off();
          return 0;
        }
        in_ = {input->data(), input->size(), 0};
      }
      const std::size_t left = ::ZSTD_decompressStream(stream_.get(), &out, &in_);
      if (::ZSTD_isError(left) != 0) return damaged(::ZSTD_getErrorName(left));
      inside_ = left != 0;
      // zstd holds back output that did not fit, which is possible only if it filled the buffer.
      more_to_flush_ = inside_ && out.pos == out.size;
    }
    return out.pos;
  }

 private:
  struct Free {
    void operator()(ZSTD_DStream* stream) const { ::ZSTD_freeDStream(stream); }
  };
  std::unique_ptr<ZSTD_DStream, Free> stream_{::ZSTD_createDStream()};
  ZSTD_inBuffer in_{nullptr, 0, 0};
  bool inside_ = false;  ///< Of a frame.
  bool more_to_flush_ = false;
};

}  // namespace
}  // namespace rz

extern "C" rz::ByteSource* rz_make_decompressor(rz::Compression kind, rz::ByteSource* compressed,
                                                const char* where) {
  std::unique_ptr<rz::ByteSource> source(compressed);
  if (kind == rz::Compression::gzip) return new rz::GzipSource(std::move(source), where);
  return new rz::ZstdSource(std::move(source), where);
}
