#pragma once

#include "rz/base/byte_source.h"
#include "rz/base/module.h"

namespace rz {

/// How data is compressed.
enum class Compression { none, gzip, zstd };

}  // namespace rz

/// The bytes of `compressed`, which it takes, decompressed. Members and frames that follow each
/// other are read as one. `where` names the source in errors. The caller owns what it gets.
extern "C" [[gnu::visibility("default")]] rz::ByteSource* rz_make_decompressor(
    rz::Compression kind, rz::ByteSource* compressed, const char* where);

namespace rz {

inline constexpr Module<decltype(rz_make_decompressor)> kCompressionModule{
    "compression", "rz_make_decompressor", "zlib1g libzstd1"};

}  // namespace rz
