#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "rz/bench/http/histogram.h"
#include "rz/bench/http/load_options.h"

namespace rz::bench {

/// A moment of the machine's monotonic clock.
using LoadTime = std::chrono::nanoseconds;
inline constexpr LoadTime kNever = LoadTime::max();

/// What became of the requests that were never sent, and how well the sender kept its time.
struct PacerFigures {
  std::uint64_t queued = 0;   ///< Waited for a connection.
  std::uint64_t dropped = 0;  ///< Found no room in the queue, or waited for too long.
  Histogram lateness;         ///< How much later than they were due the sender saw to requests.
};

/// Decides when requests are sent. Knows no clock and no connection: it is told the time.
class LoadPacer {
 public:
  virtual ~LoadPacer() = default;

  /// The run, its warm-up included, begins.
  virtual void begin(LoadTime now) = 0;
  /// Sees to what has become due, while `free` requests could be sent at once.
  virtual void advance(LoadTime now, std::size_t free) = 0;
  /// A request to send now, if there is one: the moment at which it was due, from which its
  /// latency counts. `free_since`: since when there is room for it.
  virtual std::optional<LoadTime> take(LoadTime now, LoadTime free_since) = 0;
  /// When to advance next; kNever: nothing will become due.
  virtual LoadTime next_due() const = 0;
  /// Whether take() will never give a request again.
  virtual bool is_over(LoadTime now) const = 0;
  /// How many requests wait.
  virtual std::size_t waiting() const = 0;

  /// What was due before is of the warm-up, and does not count.
  LoadTime measured_from() const { return measured_from_; }
  const PacerFigures& figures() const { return figures_; }

 protected:
  LoadTime measured_from_ = kNever;
  PacerFigures figures_;
};

/// The pacer of `options`: of an open loop if there is a rate, else of a closed one. `slots`: how
/// many requests can be in flight.
std::unique_ptr<LoadPacer> make_load_pacer(const LoadOptions& options, std::size_t slots);

}  // namespace rz::bench
