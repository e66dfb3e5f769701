#include "rz/profile/recorder.h"

#include <dlfcn.h>
#include <gnu/libc-version.h>
#include <linux/perf_event.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <string_view>
#include <system_error>
#include <utility>

#include "rz/base/file.h"
#include "rz/base/text.h"
#include "rz/base/try.h"
#include "rz/bench/scratch_folder.h"
#include "rz/profile/elf_file.h"
#include "rz/profile/folded.h"
#include "rz/profile/gperftools_profile.h"
#include "rz/profile/perf_script.h"

namespace rz::profile {
namespace {

namespace fs = std::filesystem;
using bench::ProgramOptions;
using bench::ProgramRunner;

// Not at the pace of what happens each millisecond.
constexpr int kPerfSamplesPerSecond = 499;
// Its timer cannot be faster than the tick of the kernel, which is 250 Hz on Debian: the times
// would be too short by as much.
constexpr int kGperftoolsSamplesPerSecond = 250;
constexpr std::uint64_t kMostRecorded = std::uint64_t{1} << 30;
constexpr Millis kEvaluation{10 * 60'000};

constexpr std::string_view kNoGperftools =
    "gperftools is not installed; install the package libgoogle-perftools4";
constexpr std::string_view kNoPerf = "perf is not installed; install the package linux-perf";
constexpr std::string_view kNoHeaptrack =
    "heaptrack is not installed; install the package heaptrack";

/// The first of these files that can be read, or as `access` says; empty: none can.
std::string first_there(const std::vector<std::string>& folders, const std::string& name,
                        int access = R_OK) {
  for (const std::string& folder : folders) {
    const std::string path = folder + "/" + name;
    if (::access(path.c_str(), access) == 0) return path;
  }
  return "";
}

std::vector<std::string> path_folders() {
  const char* path = std::getenv("PATH");
  const std::string text = path == nullptr ? "/usr/bin:/bin" : path;
  std::vector<std::string> folders;
  for (const std::string_view folder : split(text, ':')) {
    folders.emplace_back(folder.empty() ? "." : folder);
  }
  return folders;
}

std::string program_in_path(const std::string& name) {
  return first_there(path_folders(), name, X_OK);
}

/// What the kernel says to a clock that takes samples, as perf asks for it.
Result<void> ask_for_perf() {
  perf_event_attr event{};
  event.size = sizeof event;
  event.type = PERF_TYPE_SOFTWARE;
  event.config = PERF_COUNT_SW_CPU_CLOCK;
  event.exclude_kernel = 1;
  event.exclude_hv = 1;
  const UniqueFd fd(
      static_cast<int>(::syscall(SYS_perf_event_open, &event, 0, -1, -1, PERF_FLAG_FD_CLOEXEC)));
  if (fd) return {};
  return fail(ErrorCode::auth, "the kernel does not let this user use perf (" + errno_text(errno) +
                                   "); set kernel.perf_event_paranoid to 2 or less");
}

Result<void> require_perf() {
  if (program_in_path("perf").empty()) {
    return fail(ErrorCode::not_found, std::string(kNoPerf));
  }
  return ask_for_perf();
}

/// Whether ld.so may load the program: also what cannot be read, or is a script.
bool may_be_dynamic(const std::string& program) {
  const std::string path =
      program.find('/') != std::string::npos ? program : program_in_path(program);
  return is_dynamic(path).value_or(true);
}

/// The program with a library preloaded before those that the user preloads.
ProgramOptions preloading(ProgramOptions program, const std::string& library) {
  const char* others = std::getenv("LD_PRELOAD");
  const bool has_others = others != nullptr && *others != '\0';
  program.environment.emplace_back("LD_PRELOAD", has_others ? library + ":" + others : library);
  return program;
}

/// Runs the program. One that was ended at its timeout, or by a person, is no error: a profiler may
/// have kept what was seen until then.
struct RunEnd {
  std::optional<int> exit_code{};
  std::optional<Error> ended{};
};
Result<RunEnd> run_program(ProgramOptions program, std::vector<std::string> under = {}) {
  program.any_exit_code = true;
  ProgramRunner runner(program, std::move(under));
  const auto ran = runner.run();
  if (ran) return RunEnd{runner.exit_code(), {}};
  if (ran.error().code == ErrorCode::not_found) return fail(ran.error());
  return RunEnd{{}, ran.error()};
}

/// Nothing was seen: because it was ended, or for this reason.
tl::unexpected<Error> nothing_seen(const RunEnd& end, const std::string& why) {
  if (!end.ended) return fail(ErrorCode::unavailable, why);
  return fail(end.ended->code, end.ended->message + "; " + why, end.ended->where);
}

/// Runs a part of a profiler, with its standard output in a file, which is then read.
Result<std::string> output_of(std::vector<std::string> argv, const std::string& input,
                              const std::string& output, std::string_view missing) {
  const std::string called = argv.front();
  ProgramRunner runner({.name = called,
                        .argv = std::move(argv),
                        .input = input,
                        .output = output,
                        .timeout = kEvaluation});
  if (const auto ran = runner.run(); !ran) {
    if (ran.error().code != ErrorCode::not_found) return fail(ran.error());
    return fail(ErrorCode::not_found, std::string(missing));
  }
  return read_file(output, kMostRecorded);
}

// ---- gperftools

// Each process of the program leaves a file; what they were forked from is in their names.
Result<Recording> record_gperftools(const ProgramOptions& program, const std::string& library) {
  TRY_ASSIGN(const auto folder, bench::ScratchFolder::make());
  ProgramOptions profiled = preloading(program, library);
  profiled.environment.emplace_back("CPUPROFILE", folder->path() + "/cpu");
  profiled.environment.emplace_back("CPUPROFILE_FREQUENCY",
                                    std::to_string(kGperftoolsSamplesPerSecond));
  TRY_ASSIGN(const RunEnd end, run_program(profiled));
  Recording recording{Profiler::gperftools, Profile({{"cpu", Unit::nanoseconds}}), end.exit_code};
  std::optional<Error> damage;
  std::size_t files = 0;
  std::error_code none;
  for (const auto& entry : fs::directory_iterator(folder->path(), none)) {
    const auto bytes = read_file(entry.path().string(), kMostRecorded);
    if (!bytes) return fail(bytes.error());
    const auto samples = read_gperftools_profile(*bytes);
    if (samples) {
      add_samples(*samples, recording.profile);
      ++files;
    } else {
      damage = samples.error();
    }
  }
  if (!recording.profile.empty()) return recording;
  // The timer of a process outlives its exec, and the handler of the signal does not. A timer of
  // each thread would not either, but gperftools gives one to the first thread alone.
  if (end.ended && end.ended->message.find("ended by SIGPROF") != std::string::npos) {
    return nothing_seen(end,
                        "that is the signal of gperftools, which ends a program that runs another "
                        "in its place (exec); use --with perf");
  }
  if (files > 0) {
    return nothing_seen(end,
                        "no sample was taken: it used less than some milliseconds of "
                        "processor time; give it more to do");
  }
  return nothing_seen(
      end,
      "gperftools left no whole profile: that is written when the program ends by exit(), and "
      "by no signal; --with perf needs neither" +
          (damage ? " (" + damage->message + ")" : ""));
}

// ---- perf

/// What perf tells by an exit code alone, which may be that of the program.
Result<void> require_program(const ProgramOptions& program) {
  const std::string& name = program.argv.front();
  const std::string path = name.find('/') != std::string::npos ? name : program_in_path(name);
  if (::access(path.c_str(), X_OK) == 0) return {};
  return fail(ErrorCode::not_found, "cannot run: " + errno_text(errno), program.called);
}

Result<Recording> record_perf(const ProgramOptions& program) {
  TRY(require_program(program));
  TRY(require_perf());
  TRY_ASSIGN(const auto folder, bench::ScratchFolder::make());
  const std::string data = folder->path() + "/perf.data";
  // The stack itself is kept: few programs have frame pointers.
  const std::string event = ::geteuid() == 0 ? "cpu-clock" : "cpu-clock:u";
  TRY_ASSIGN(const RunEnd end,
             run_program(program, {"perf", "record", "-q", "-e", event, "-F",
                                   std::to_string(kPerfSamplesPerSecond), "--call-graph",
                                   "dwarf,8192", "--max-size", "1G", "-o", data, "--"}));
  const auto text = output_of({"perf", "script", "-i", data, "--no-inline", "-F", "ip,sym,dso"},
                              "/dev/null", folder->path() + "/script", kNoPerf);
  if (!text) return nothing_seen(end, "perf left nothing behind: " + to_string(text.error()));
  Recording recording{Profiler::perf, Profile({{"cpu", Unit::nanoseconds}}), end.exit_code};
  TRY(add_perf_script(*text, 1'000'000'000 / kPerfSamplesPerSecond, recording.profile));
  if (!recording.profile.empty()) return recording;
  return nothing_seen(end,
                      "perf has no sample of it: it could not be started, or used less than "
                      "some milliseconds of processor time");
}

// ---- heaptrack

constexpr const char* kHeapMeasures[] = {"peak", "allocations", "leaked"};

/// What heaptrack_print tells of the data, with the stacks of one measure.
Result<std::string> print_heap(const std::string& folder, const std::string& measure,
                               Recording& recording, std::size_t index) {
  const std::string stacks = folder + "/" + measure;
  TRY_ASSIGN(std::string text,
             output_of({"heaptrack_print", "-f", folder + "/data", "-F", stacks,
                        "--flamegraph-cost-type", measure, "-p", "0", "-a", "0", "-T", "0"},
                       "/dev/null", stacks + ".txt", kNoHeaptrack));
  TRY_ASSIGN(const std::string folded, read_file(stacks, kMostRecorded));
  TRY(add_folded(folded, "heaptrack_print", index, recording.profile));
  return text;
}

Result<Recording> record_heaptrack(const ProgramOptions& program,
                                   const std::vector<std::string>& folders) {
  const std::string library = first_there(folders, "heaptrack/libheaptrack_preload.so");
  const std::string interpreter =
      first_there(folders, "heaptrack/libexec/heaptrack_interpret", X_OK);
  if (library.empty() || interpreter.empty() || program_in_path("heaptrack_print").empty()) {
    return fail(ErrorCode::not_found, std::string(kNoHeaptrack));
  }
  TRY_ASSIGN(const auto folder, bench::ScratchFolder::make());
  const std::string raw = folder->path() + "/raw";
  ProgramOptions profiled = preloading(program, library);
  profiled.environment.emplace_back("DUMP_HEAPTRACK_OUTPUT", raw);
  TRY_ASSIGN(const RunEnd end, run_program(profiled));
  const auto data = output_of({interpreter}, raw, folder->path() + "/data", kNoHeaptrack);
  if (!data) {
    return nothing_seen(end, "what heaptrack left cannot be read: " + to_string(data.error()));
  }
  if (data->empty()) {
    return nothing_seen(end,
                        "heaptrack left nothing behind, as of a program that is linked statically");
  }
  Recording recording{Profiler::heaptrack,
                      Profile({{kHeapMeasures[0], Unit::bytes},
                               {kHeapMeasures[1], Unit::count},
                               {kHeapMeasures[2], Unit::bytes}}),
                      end.exit_code};
  for (std::size_t i = 0; i < std::size(kHeapMeasures); ++i) {
    TRY_ASSIGN(const std::string text, print_heap(folder->path(), kHeapMeasures[i], recording, i));
    if (i > 0) continue;
    TRY_ASSIGN(recording.heap, read_heaptrack_summary(text));
  }
  if (recording.profile.empty()) return nothing_seen(end, "it allocated nothing");
  return recording;
}

}  // namespace

const char* to_string(Profiler profiler) {
  switch (profiler) {
    case Profiler::gperftools: return "gperftools";
    case Profiler::perf: return "perf";
    case Profiler::heaptrack: return "heaptrack";
  }
  return "gperftools";
}

std::vector<std::string> library_folders() {
  // Where libc is, other libraries of this architecture are.
  std::string beside = "/usr/lib";
  Dl_info info{};
  if (::dladdr(reinterpret_cast<const void*>(&::gnu_get_libc_version), &info) != 0 &&
      info.dli_fname != nullptr) {
    beside = fs::path(info.dli_fname).parent_path().string();
  }
  return {beside, "/usr" + beside, "/usr/local/lib", "/usr/lib64", "/usr/lib"};
}

Result<Profiler> choose_cpu_profiler(const std::string& program,
                                     const std::vector<std::string>& folders) {
  const bool has_gperftools = !first_there(folders, "libprofiler.so.0").empty();
  const bool can_preload = may_be_dynamic(program);
  if (has_gperftools && can_preload) return Profiler::gperftools;
  const auto perf = require_perf();
  if (perf) return Profiler::perf;
  // A launcher that is linked statically may start what is not.
  if (has_gperftools) return Profiler::gperftools;
  return fail(perf.error().code, std::string(kNoGperftools) + "; " + perf.error().message);
}

Result<Recording> record(const ProgramOptions& program, Profiler by,
                         const std::vector<std::string>& folders) {
  if (by == Profiler::perf) return record_perf(program);
  if (by == Profiler::heaptrack) return record_heaptrack(program, folders);
  const std::string library = first_there(folders, "libprofiler.so.0");
  if (library.empty()) return fail(ErrorCode::not_found, std::string(kNoGperftools));
  return record_gperftools(program, library);
}

}  // namespace rz::profile
