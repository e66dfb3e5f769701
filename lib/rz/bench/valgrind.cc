#include "rz/bench/valgrind.h"

#include <chrono>

#include "rz/base/process.h"
#include "rz/base/text.h"
#include "rz/base/try.h"

namespace rz::bench {
namespace {

constexpr Millis kLongestCount = std::chrono::hours(1);

}  // namespace

double counted_in(std::string_view log) {
  // `==123== I   refs:      128,900`
  constexpr std::string_view kCount = "== I   refs:";
  double sum = 0;
  for (std::string_view line : split(log, '\n')) {
    const std::size_t at = line.find(kCount);
    if (!line.starts_with("==") || at == std::string_view::npos) continue;
    double count = 0;
    for (const char c : line.substr(at + kCount.size())) {
      if (is_digit(c)) count = count * 10 + (c - '0');
    }
    sum += count;
  }
  return sum;
}

Result<double> count_under_valgrind(
    const std::vector<std::string>& argv,
    const std::vector<std::pair<std::string, std::string>>& environment,
    const std::function<bool()>& stop) {
  ProcessOptions options{.argv = {"valgrind", "--tool=cachegrind", "--cache-sim=no",
                                  "--trace-children=yes", "--cachegrind-out-file=/dev/null", "--"},
                         .environment = environment,
                         .stop = stop,
                         .timeout = kLongestCount};
  options.argv.insert(options.argv.end(), argv.begin(), argv.end());
  auto ran = run_process(options);
  if (!ran && ran.error().code == ErrorCode::not_found) {
    return fail(ErrorCode::not_found,
                "this machine does not count instructions, and there is no valgrind to do it: "
                "install the package valgrind");
  }
  if (!ran) return fail(std::move(ran).error());
  const std::string program = printable(argv.front());
  if (ran->stopped) return fail(ErrorCode::unavailable, "was stopped", program);
  if (ran->exit_code != 0) {
    return fail(ErrorCode::unavailable,
                "ended with exit code " + std::to_string(ran->exit_code) + " under valgrind",
                program);
  }
  const double count = counted_in(ran->error);
  if (count > 0) return count;
  return fail(ErrorCode::unavailable, "valgrind told no number of instructions", program);
}

}  // namespace rz::bench
