#include "rz/bench/counter.h"

#include <linux/perf_event.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <utility>

#include "rz/base/file.h"
#include "rz/bench/measurement.h"

namespace rz::bench {
namespace {

class TimeCounter final : public Counter {
 public:
  explicit TimeCounter(const Clock& clock) : clock_(clock) {}
  std::string_view unit() const override { return kNanoseconds; }
  double read() override { return static_cast<double>(clock_.monotonic().count()); }

 private:
  const Clock& clock_;
};

double to_nanoseconds(const timeval& time) {
  return static_cast<double>(time.tv_sec) * 1e9 + static_cast<double>(time.tv_usec) * 1e3;
}

class CpuCounter final : public Counter {
 public:
  std::string_view unit() const override { return kNanoseconds; }
  double read() override {
    timespec own{};
    ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &own);
    rusage children{};
    ::getrusage(RUSAGE_CHILDREN, &children);
    return static_cast<double>(own.tv_sec) * 1e9 + static_cast<double>(own.tv_nsec) +
           to_nanoseconds(children.ru_utime) + to_nanoseconds(children.ru_stime);
  }
};

class InstructionCounter final : public Counter {
 public:
  explicit InstructionCounter(UniqueFd fd) : fd_(std::move(fd)) {}
  std::string_view unit() const override { return kInstructions; }
  double read() override {
    std::uint64_t count = 0;
    if (::read(fd_.get(), &count, sizeof count) != sizeof count) return 0;
    return static_cast<double>(count);
  }

 private:
  UniqueFd fd_;
};

}  // namespace

std::unique_ptr<Counter> time_counter(const Clock& clock) {
  return std::make_unique<TimeCounter>(clock);
}

std::unique_ptr<Counter> cpu_counter() { return std::make_unique<CpuCounter>(); }

Result<std::unique_ptr<Counter>> instruction_counter() {
  perf_event_attr event{};
  event.size = sizeof event;
  event.type = PERF_TYPE_HARDWARE;
  event.config = PERF_COUNT_HW_INSTRUCTIONS;
  event.inherit = 1;
  // What the kernel does depends on what else it has to do, and is not ours to see.
  event.exclude_kernel = 1;
  event.exclude_hv = 1;
  UniqueFd fd(
      static_cast<int>(::syscall(SYS_perf_event_open, &event, 0, -1, -1, PERF_FLAG_FD_CLOEXEC)));
  if (fd) return std::make_unique<InstructionCounter>(std::move(fd));
  if (errno == EACCES || errno == EPERM) {
    return fail(ErrorCode::auth,
                "the kernel does not let this user count instructions; set "
                "kernel.perf_event_paranoid to 2 or less");
  }
  return fail(ErrorCode::unsupported,
              "this machine has no counter of instructions: " + errno_text(errno));
}

}  // namespace rz::bench
