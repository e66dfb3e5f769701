#include "rz/health/clients/grpc_message.h"

#include <array>
#include <cstddef>

namespace rz::health {
namespace {

// What is before each message: whether it is compressed, and its length (grpc: PROTOCOL-HTTP2.md).
constexpr std::size_t kFrameHead = 5;

constexpr unsigned kVarint = 0, kFixed64 = 1, kLengthDelimited = 2, kFixed32 = 5;

std::string varint(std::uint64_t value) {
  std::string bytes;
  for (; value >= 0x80; value >>= 7) bytes += static_cast<char>(value | 0x80);
  return bytes + static_cast<char>(value);
}

std::optional<std::uint64_t> take_varint(std::string_view& bytes) {
  std::uint64_t value = 0;
  for (unsigned shift = 0; shift < 64 && !bytes.empty(); shift += 7) {
    const auto byte = static_cast<unsigned char>(bytes.front());
    bytes.remove_prefix(1);
    value |= std::uint64_t{byte & 0x7fu} << shift;
    if (byte < 0x80) return value;
  }
  return std::nullopt;
}

// Skips a field that is not a varint. False if it goes beyond the end.
bool skip(std::string_view& bytes, unsigned wire_type) {
  std::uint64_t size = 0;
  if (wire_type == kFixed64) size = 8;
  if (wire_type == kFixed32) size = 4;
  if (wire_type == kLengthDelimited) {
    const auto length = take_varint(bytes);
    if (!length) return false;
    size = *length;
  } else if (size == 0) {
    return false;
  }
  if (size > bytes.size()) return false;
  bytes.remove_prefix(static_cast<std::size_t>(size));
  return true;
}

}  // namespace

std::string grpc_health_request(std::string_view service) {
  constexpr char kServiceField = 1 << 3 | kLengthDelimited;
  std::string message;
  if (!service.empty()) {
    message += kServiceField;
    message += varint(service.size());
    message += service;
  }
  std::string frame(kFrameHead, '\0');
  for (std::size_t i = 0; i < 4; ++i) {
    frame[kFrameHead - 1 - i] = static_cast<char>(message.size() >> (8 * i));
  }
  return frame + message;
}

std::optional<GrpcServing> read_grpc_health(std::string_view body) {
  constexpr std::uint64_t kStatusField = 1;
  if (body.size() < kFrameHead || body[0] != '\0') return std::nullopt;
  std::size_t size = 0;
  for (std::size_t i = 1; i < kFrameHead; ++i) {
    size = size << 8 | static_cast<unsigned char>(body[i]);
  }
  std::string_view message = body.substr(kFrameHead);
  if (message.size() != size) return std::nullopt;
  // A field with its default, 0, is not sent.
  std::uint64_t status = 0;
  while (!message.empty()) {
    const auto tag = take_varint(message);
    if (!tag) return std::nullopt;
    const auto wire_type = static_cast<unsigned>(*tag & 7);
    if (wire_type != kVarint) {
      if (!skip(message, wire_type)) return std::nullopt;
      continue;
    }
    const auto value = take_varint(message);
    if (!value) return std::nullopt;
    if (*tag >> 3 == kStatusField) status = *value;
  }
  return status <= 3 ? static_cast<GrpcServing>(status) : GrpcServing::unknown;
}

std::string name_of_grpc_status(std::int64_t status) {
  constexpr std::array<const char*, 17> kNames = {"OK",
                                                  "CANCELLED",
                                                  "UNKNOWN",
                                                  "INVALID_ARGUMENT",
                                                  "DEADLINE_EXCEEDED",
                                                  "NOT_FOUND",
                                                  "ALREADY_EXISTS",
                                                  "PERMISSION_DENIED",
                                                  "RESOURCE_EXHAUSTED",
                                                  "FAILED_PRECONDITION",
                                                  "ABORTED",
                                                  "OUT_OF_RANGE",
                                                  "UNIMPLEMENTED",
                                                  "INTERNAL",
                                                  "UNAVAILABLE",
                                                  "DATA_LOSS",
                                                  "UNAUTHENTICATED"};
  if (status >= 0 && status < static_cast<std::int64_t>(kNames.size())) return kNames[status];
  return "status " + std::to_string(status);
}

const char* to_string(GrpcServing serving) {
  switch (serving) {
    case GrpcServing::unknown: return "UNKNOWN";
    case GrpcServing::serving: return "SERVING";
    case GrpcServing::not_serving: return "NOT_SERVING";
    case GrpcServing::service_unknown: return "SERVICE_UNKNOWN";
  }
  return "UNKNOWN";
}

}  // namespace rz::health
