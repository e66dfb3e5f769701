#include "rz/health/clients/grpc_message.h"

#include <doctest/doctest.h>

#include <string>

namespace rz::health {
namespace {

std::string frame(const std::string& message) {
  std::string head("\0\0\0\0\0", 5);
  head[4] = static_cast<char>(message.size());
  return head + message;
}

TEST_CASE("a question is a frame with the service in field 1") {
  CHECK(grpc_health_request("") == std::string(5, '\0'));
  CHECK(grpc_health_request("a.B") == frame("\x0a\x03"
                                            "a.B"));
  const std::string long_one = grpc_health_request(std::string(300, 'x'));
  CHECK(long_one.substr(0, 8) == std::string("\0\0\0\x01\x2f\x0a\xac\x02", 8));
  CHECK(long_one.size() == 308);
}

TEST_CASE("the status is field 1, wherever it stands, and 0 where it is not sent") {
  CHECK(read_grpc_health(frame("\x08\x01")) == GrpcServing::serving);
  CHECK(read_grpc_health(frame("\x08\x02")) == GrpcServing::not_serving);
  CHECK(read_grpc_health(frame("\x08\x03")) == GrpcServing::service_unknown);
  CHECK(read_grpc_health(frame("")) == GrpcServing::unknown);
  CHECK(read_grpc_health(frame("\x08\x2a")) == GrpcServing::unknown);
  // Fields of a later version: a text, a fixed number of each size, another varint.
  CHECK(read_grpc_health(frame(std::string("\x12\x02hi\x1d"
                                           "1234\x21"
                                           "12345678\x28\x80\x01\x08\x01",
                                           23))) == GrpcServing::serving);
}

TEST_CASE("what is not such a frame is refused") {
  const std::string good = frame("\x08\x01");
  for (std::size_t size = 0; size < good.size(); ++size) {
    CHECK_FALSE(read_grpc_health(good.substr(0, size)));
  }
  CHECK_FALSE(read_grpc_health(good + "x"));
  CHECK_FALSE(read_grpc_health("\x01" + good.substr(1)));  // It is compressed.
  CHECK_FALSE(read_grpc_health(frame("\x08")));
  CHECK_FALSE(read_grpc_health(frame("\x12\x05hi")));
  CHECK_FALSE(read_grpc_health(frame("\x0b")));
  CHECK_FALSE(read_grpc_health(frame(std::string(11, '\xff'))));
}

TEST_CASE("statuses have the names of gRPC") {
  CHECK(name_of_grpc_status(0) == "OK");
  CHECK(name_of_grpc_status(14) == "UNAVAILABLE");
  CHECK(name_of_grpc_status(16) == "UNAUTHENTICATED");
  CHECK(name_of_grpc_status(17) == "status 17");
  CHECK(name_of_grpc_status(-1) == "status -1");
}

}  // namespace
}  // namespace rz::health
