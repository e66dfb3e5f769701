// What a load allocates for each request, counted in place of the allocator of the whole program.

#include <doctest/doctest.h>

#include <cstddef>
#include <cstdint>
#include <string>

#include "http2_server.h"
#include "rz/bench/http/load_run.h"
#include "support/http_server.h"
#include "support/patience.h"
#include "support/results.h"

// Sanitizers have an allocator of their own.
#if !defined(RZ_SANITIZED)

namespace {

// Of this thread alone: the servers of tests run in others.
thread_local std::uint64_t g_allocations = 0;

}  // namespace

extern "C" {

void* __libc_malloc(std::size_t size);
void* __libc_calloc(std::size_t count, std::size_t size);
void* __libc_realloc(void* memory, std::size_t size);

void* malloc(std::size_t size) noexcept {
  ++g_allocations;
  return __libc_malloc(size);
}
void* calloc(std::size_t count, std::size_t size) noexcept {
  ++g_allocations;
  return __libc_calloc(count, size);
}
void* realloc(void* memory, std::size_t size) noexcept {
  ++g_allocations;
  return __libc_realloc(memory, size);
}

}  // extern "C"

namespace rz::bench {
namespace {

/// Of a load of so many requests, from its first to its last.
std::uint64_t allocations_of(LoadOptions options, std::int64_t requests) {
  options.requests = requests;
  const std::uint64_t before = g_allocations;
  const LoadResult result = ok(run_load(options, {}));
  CHECK(result.answered == static_cast<std::uint64_t>(requests));
  return g_allocations - before;
}

/// For each request, beside what a run and its connections need.
double allocations_a_request(const LoadOptions& options) {
  constexpr std::int64_t kFew = 200;
  constexpr std::int64_t kMany = 1'200;
  const auto few = static_cast<double>(allocations_of(options, kFew));
  const auto many = static_cast<double>(allocations_of(options, kMany));
  return (many - few) / static_cast<double>(kMany - kFew);
}

LoadOptions load_of(const std::string& url) {
  LoadOptions options;
  options.url = url;
  options.connections = 2;
  options.duration = test::kPatience;
  options.timeout = test::kPatience;
  return options;
}

TEST_CASE("nothing is allocated for a request of HTTP/1") {
  test::HttpServer server(test::HttpServerReply{.body = "hello"});
  (void)allocations_of(load_of(server.url()), 10);
  // A second that begins, and a histogram that becomes longer, are of the run.
  CHECK(allocations_a_request(load_of(server.url())) < 0.05);
}

TEST_CASE("nothing is allocated for a request of HTTP/2") {
  const test::Http2Server server;
  LoadOptions options = load_of(server.url("http"));
  options.http2 = true;
  options.streams = 5;
  (void)allocations_of(options, 10);
  CHECK(allocations_a_request(options) < 0.05);
}

}  // namespace
}  // namespace rz::bench

#endif
