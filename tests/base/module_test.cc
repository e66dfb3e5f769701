#include "rz/base/module.h"

#include <doctest/doctest.h>

#include <string>
#include <thread>
#include <vector>

#include "support/print.h"
#include "support/results.h"

namespace rz {
namespace {

TEST_CASE("a symbol of a module is found, every time the same") {
  void* const first = ok(module_symbol("prometheus", "rz_make_prometheus_sink"));
  CHECK(first != nullptr);
  CHECK(ok(module_symbol("prometheus", "rz_make_prometheus_sink")) == first);
}

TEST_CASE("a module that is not there is told with its path, each time anew") {
  for (int i = 0; i < 2; ++i) {
    const Error error = error_of(module_symbol("missing", "symbol"));
    CHECK(error.code == ErrorCode::unavailable);
    CHECK(error.where.ends_with("/rz/librz-missing.so"));
    CHECK(error.message.starts_with("cannot load the module: "));
    CHECK(error.message.ends_with("; is rz installed whole?"));
    CHECK(error.message.find("No such file or directory") != std::string::npos);
  }
}

TEST_CASE("a module without the symbol is of another version") {
  CHECK(error_of(module_symbol("prometheus", "rz_no_such_symbol")) ==
        Error{ErrorCode::unavailable,
              "no symbol rz_no_such_symbol; the module is of another version of rz",
              "librz-prometheus.so"});
}

TEST_CASE("threads that ask at once get the same answer") {
  std::vector<void*> found(4);
  std::vector<std::thread> threads;
  for (void*& symbol : found) {
    threads.emplace_back([&symbol] {
      symbol = module_symbol("prometheus", "rz_make_prometheus_sink").value_or(nullptr);
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const void* symbol : found) {
    CHECK(symbol != nullptr);
    CHECK(symbol == found.front());
  }
}

}  // namespace
}  // namespace rz
