#include "rz/bench/run_in_processes.h"

#include <alloca.h>
#include <fcntl.h>
#include <malloc.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <new>
#include <random>
#include <string>
#include <utility>

#include "rz/base/file.h"
#include "rz/base/foreground.h"
#include "rz/base/json.h"
#include "rz/base/json_members.h"
#include "rz/base/text.h"
#include "rz/base/try.h"
#include "rz/bench/saved_run.h"

namespace rz::bench {
namespace {

constexpr int kAskAgainMs = 200;

/// Seen by both processes: whether to stop.
class SharedFlag {
 public:
  SharedFlag()
      : memory_(::mmap(nullptr, sizeof(std::atomic<bool>), PROT_READ | PROT_WRITE,
                       MAP_SHARED | MAP_ANONYMOUS, -1, 0)) {
    if (memory_ == MAP_FAILED) throw std::bad_alloc();
    flag_ = new (memory_) std::atomic<bool>(false);
  }
  ~SharedFlag() { ::munmap(memory_, sizeof(std::atomic<bool>)); }
  SharedFlag(const SharedFlag&) = delete;
  SharedFlag& operator=(const SharedFlag&) = delete;

  void raise() { flag_->store(true); }
  bool is_raised() const { return flag_->load(); }

 private:
  void* memory_;
  std::atomic<bool>* flag_;
};

/// What an iteration frees stays for the next one. Otherwise it depends on what happens to lie at
/// the end of the heap whether each iteration gives its memory back and faults it in again.
void keep_freed_memory() {
  ::mallopt(M_MMAP_THRESHOLD, 32 << 20);
  ::mallopt(M_TRIM_THRESHOLD, 1 << 30);
  ::mallopt(M_TOP_PAD, 64 << 20);
}

/// Moves what is allocated from now on, and the stack, to other places than in the last process.
/// What is allocated for it is never given back.
std::vector<Measurement> run_elsewhere(const std::vector<Benchmark>& benchmarks,
                                       const BenchOptions& options, Clock& clock) {
  keep_freed_memory();
  std::random_device random;
  constexpr std::size_t kPage = 4096;
  do_not_optimize(std::malloc(random() % (16 * kPage)));
  do_not_optimize(
      ::mmap(nullptr, (1 + random() % 64) * kPage, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
  do_not_optimize(alloca(random() % kPage));
  return run_benchmarks(benchmarks, options, clock);
}

/// The share of one process of what is to be measured.
BenchOptions share_of(const BenchOptions& options, int processes, int index) {
  BenchOptions share = options;
  const auto part = [processes](auto whole) { return (whole + processes - 1) / processes; };
  share.rounds = part(options.rounds);
  share.min_time = options.min_time / processes;
  share.time_limit = options.time_limit / processes;
  share.patience = options.patience / processes;
  share.undisturbed = part(options.undisturbed);
  share.stop = [stop = options.stop, begun = index * share.rounds,
                rounds = processes * share.rounds](RunProgress progress) {
    if (progress.round > 0) progress.round += begun;
    progress.rounds = rounds;
    return stop(progress);
  };
  return share;
}

[[noreturn]] void measure_and_tell(const std::vector<Benchmark>& benchmarks, BenchOptions options,
                                   const SharedFlag& stopped, int out, Clock& clock) {
  // With it this process ends as after a signal: what was made in stores is removed.
  (void)::prctl(PR_SET_PDEATHSIG, SIGTERM);
  options.stop = [stop = std::move(options.stop), &stopped](const RunProgress& progress) {
    return stop(progress) || stopped.is_raised();
  };
  BenchRun run;
  run.measurements = run_elsewhere(benchmarks, options, clock);
  (void)write_all(out, to_json(to_value(run))).has_value();
  ::_exit(0);
}

/// All that comes from `in`; `ask` is called again and again meanwhile.
std::string read_while_asking(int in, const std::function<void()>& ask) {
  std::string text;
  char chunk[1 << 16];
  while (true) {
    ask();
    pollfd poller{in, POLLIN, 0};
    if (::poll(&poller, 1, kAskAgainMs) <= 0) continue;
    const ssize_t count = ::read(in, chunk, sizeof chunk);
    if (count > 0) text.append(chunk, static_cast<std::size_t>(count));
    if (count == 0 || (count < 0 && errno != EINTR)) return text;
  }
}

int reap(pid_t child) {
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return status;
}

/// The measurements of a process, and the errors of those that failed.
Result<std::vector<Measurement>> measurements_in(const std::string& text) {
  TRY_ASSIGN(const Value document, parse_json(text, "the process that measures"));
  std::vector<Measurement> all;
  if (document.find("benchmarks") != nullptr && !document.find("benchmarks")->as_array()->empty()) {
    TRY_ASSIGN(BenchRun run, run_from(document, "the process that measures"));
    all = std::move(run.measurements);
  }
  const Value* errors = document.find("errors");
  for (std::size_t i = 0; errors != nullptr && i < errors->as_array()->size(); ++i) {
    const Value& one = (*errors->as_array())[i];
    const std::string name = text_or(one, "name");
    const Error error{ErrorCode::unavailable, text_or(one, "message"), ""};
    const auto found =
        std::find_if(all.begin(), all.end(), [&](const Measurement& m) { return m.name == name; });
    if (found == all.end()) {
      all.push_back({.name = name, .error = error});
    } else {
      found->error = error;
    }
  }
  return all;
}

Result<std::vector<Measurement>> run_in_one(const std::vector<Benchmark>& benchmarks,
                                            const BenchOptions& options, Clock& clock) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return fail(ErrorCode::unavailable, errno_text(errno));
  const UniqueFd in(ends[0]);
  UniqueFd out(ends[1]);
  SharedFlag stopped;
  const pid_t child = ::fork();
  if (child < 0) return fail(ErrorCode::unavailable, "cannot fork: " + errno_text(errno));
  if (child == 0) measure_and_tell(benchmarks, options, stopped, out.get(), clock);
  out.reset();
  const std::string text = read_while_asking(in.get(), [&] {
    if (options.stop({})) stopped.raise();
  });
  const int status = reap(child);
  if (WIFSIGNALED(status)) {
    return fail(ErrorCode::unavailable,
                "the process that measures was ended by " + signal_name(WTERMSIG(status)));
  }
  return measurements_in(text);
}

template <class T>
void append(std::vector<T>& all, const std::vector<T>& more) {
  all.insert(all.end(), more.begin(), more.end());
}

void add_to(Measurement& all, Measurement more) {
  more.process_rounds = {least_of_rounds(more).size()};
  if (all.samples.empty()) {
    all = std::move(more);
    return;
  }
  append(all.process_rounds, more.process_rounds);
  append(all.samples, more.samples);
  append(all.probes, more.probes);
  append(all.wait_probes, more.wait_probes);
  if (more.error) all.error = std::move(more.error);
}

/// What was measured so far, and the batches that all processes then keep to.
class Collected {
 public:
  explicit Collected(const std::vector<Benchmark>& benchmarks) {
    for (const Benchmark& benchmark : benchmarks) all_.push_back({.name = benchmark.name});
  }

  void add(std::vector<Measurement> more) {
    for (Measurement& one : more) {
      for (Measurement& known : all_) {
        if (known.name == one.name) add_to(known, std::move(one));
      }
    }
  }

  void fail_all(const Error& error) {
    for (Measurement& one : all_) {
      if (!one.error) one.error = error;
    }
  }

  /// Those of `benchmarks` that have not failed.
  std::vector<Benchmark> left_of(const std::vector<Benchmark>& benchmarks) const {
    std::vector<Benchmark> left;
    for (std::size_t i = 0; i < benchmarks.size(); ++i) {
      if (!all_[i].error) left.push_back(benchmarks[i]);
    }
    return left;
  }

  void tell(BenchOptions& options) const {
    for (const auto& [name, batch] : batches_of(all_)) options.batches[name] = batch;
    for (const Measurement& one : all_) {
      if (one.samples.empty()) continue;
      const double best = best_probe(one);
      if (best > 0 && (options.known_best_probe == 0 || best < options.known_best_probe)) {
        options.known_best_probe = best;
      }
    }
  }

  std::vector<Measurement> take() { return std::move(all_); }

 private:
  std::vector<Measurement> all_;
};

}  // namespace

std::vector<Measurement> run_in_processes(const std::vector<Benchmark>& benchmarks,
                                          const BenchOptions& options, int processes,
                                          Clock& clock) {
  Collected collected(benchmarks);
  const int count = std::clamp(processes, 1, options.rounds);
  for (int i = 0; i < count; ++i) {
    const std::vector<Benchmark> left = collected.left_of(benchmarks);
    if (left.empty() || options.stop({})) break;
    BenchOptions share = share_of(options, count, i);
    collected.tell(share);
    auto measured = run_in_one(left, share, clock);
    if (!measured) {
      collected.fail_all(measured.error());
      break;
    }
    collected.add(*std::move(measured));
  }
  return collected.take();
}

}  // namespace rz::bench
