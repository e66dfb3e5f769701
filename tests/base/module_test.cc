#include "rz/base/module.h"

#include <doctest/doctest.h>

#include <string>
#include <thread>
#include <vector>

#include "base/module_under_test.h"
#include "support/print.h"
#include "support/results.h"

namespace rz {
namespace {

constexpr ModuleUnderTest kGood{"test_good", "rz_double", "rz-test"};

// Why a module cannot be used, and that the message says where it is.
std::string refusal(const char* name, const char* function = "rz_double") {
  const Error error = error_of(load_module(ModuleUnderTest{name, function, "rz-test"}));
  CHECK(error.code == ErrorCode::unavailable);
  CHECK(error.where.ends_with("/rz/librz-" + std::string(name) + ".so"));
  return error.message;
}

TEST_CASE("a module's function is found, every time the same") {
  auto* const twice = ok(load_module(kGood));
  CHECK(twice(21) == 42);
  CHECK((ok(load_module(kGood)) == twice));
}

TEST_CASE("a missing module is reported with its path, at each call") {
  for (int i = 0; i < 2; ++i) {
    CHECK(refusal("test_missing") ==
          "cannot load the module: cannot open shared object file: No such file or directory;"
          " install all of rz again");
  }
}

TEST_CASE("a module of another build is refused") {
  constexpr const char* kRefusal =
      "the module belongs to another build of rz; install all of rz again";
  CHECK(refusal("test_other_stamp") == kRefusal);
  CHECK(refusal("test_no_stamp") == kRefusal);
  CHECK(refusal("test_good", "rz_no_such_function") == kRefusal);
}

TEST_CASE("a missing library behind a module is reported with the package to install") {
  CHECK(refusal("test_no_library") ==
        "cannot load the module: librz_test_absent.so: cannot open shared object file: No such file"
        " or directory; install what it needs (on Debian: rz-test)");
}

TEST_CASE("a damaged module and a damaged library behind one are told apart") {
  CHECK(explain_load_failure("/lib/rz/librz-http.so: file too short", "/lib/rz/librz-http.so",
                             "libcurl4") ==
        "cannot load the module: file too short; install all of rz again");
  CHECK(explain_load_failure("/lib/libcurl.so.4: file too short", "/lib/rz/librz-http.so",
                             "libcurl4") ==
        "cannot load the module: /lib/libcurl.so.4: file too short; install what it needs (on"
        " Debian: libcurl4)");
}

TEST_CASE("threads that ask at once get the same answer") {
  std::vector<decltype(&rz_double)> found(4);
  std::vector<std::thread> threads;
  for (auto& function : found) {
    threads.emplace_back([&function] { function = load_module(kGood).value_or(nullptr); });
  }
  for (std::thread& thread : threads) thread.join();
  for (const auto function : found) {
    CHECK((function != nullptr));
    CHECK((function == found.front()));
  }
}

}  // namespace
}  // namespace rz
