#include "rz/bench/valgrind.h"

#include <filesystem>
#include <limits>
#include <string>
#include <system_error>

#include "rz/base/file.h"
#include "rz/base/text.h"
#include "rz/base/try.h"
#include "rz/bench/scratch_folder.h"

namespace rz::bench {
namespace {

/// `path` for an option of valgrind, to which a percent sign means something.
std::string literal(const std::string& path) {
  std::string text;
  for (const char c : path) text += c == '%' ? std::string("%%") : std::string(1, c);
  return text;
}

/// What is in the files of the folder; one that cannot be read has nothing.
std::string logs_in(const std::string& folder) {
  std::string logs;
  std::error_code none;
  for (const auto& entry : std::filesystem::directory_iterator(folder, none)) {
    logs +=
        read_file(entry.path().string(), std::numeric_limits<std::uint64_t>::max()).value_or("");
  }
  return logs;
}

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

Result<double> count_under_valgrind(const ProgramOptions& options) {
  if (!options.prepare.empty()) TRY(ProgramRunner(preparation_of(options)).run());
  // A log for each process, since standard error is the program's own.
  TRY_ASSIGN(const auto folder, ScratchFolder::make());
  ProgramRunner runner(options, {"valgrind", "--tool=cachegrind", "--cache-sim=no",
                                 "--trace-children=yes", "--cachegrind-out-file=/dev/null",
                                 "--log-file=" + literal(folder->path()) + "/%p", "--"});
  const auto ran = runner.run();
  if (!ran && ran.error().code == ErrorCode::not_found) {
    return fail(ErrorCode::not_found,
                "this machine does not count instructions, and there is no valgrind to do it: "
                "install the package valgrind");
  }
  if (!ran) return fail(ran.error());
  const double count = counted_in(logs_in(folder->path()));
  if (count > 0) return count;
  return fail(ErrorCode::unavailable, "valgrind told no number of instructions",
              printable(options.argv.front()));
}

}  // namespace rz::bench
