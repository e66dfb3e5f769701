#include <algorithm>
#include <memory>

#include "rz/bench/http/load_connection.h"
#include "rz/bench/http/response_scanner.h"

namespace rz::bench {
namespace {

using net::StreamStep;

class Http1Connection final : public LoadConnection {
 public:
  explicit Http1Connection(LoadHost& host) : LoadConnection(host) {}

  bool can_start() const override { return is_open() && !busy_ && !peer_closes_; }

  void start(const LoadJob& job) override {
    job_ = job;
    busy_ = true;
    ++host_.in_flight;
    answer_ = {};
    unsent_ = request().bytes;
    scanner_.begin(request().is_head);
    send_rest();
  }

  void abandon() override {
    if (busy_) host_.recorder->abandoned(job_);
  }

 private:
  const LoadRequest& request() const { return (*host_.requests)[job_.endpoint]; }

  void opened() override { host_.is_free(*this, load_clock()); }
  void writable(LoadTime) override {
    if (busy_ && !unsent_.empty()) send_rest();
  }
  bool is_idle() const override { return !busy_; }
  std::uint64_t skippable() const override { return busy_ ? scanner_.skippable() : 0; }

  // A failure is not seen to here: what the server has said before it closed is still to be read,
  // and the event that tells of it is on its way.
  void send_rest() {
    while (!unsent_.empty()) {
      const StreamStep step = send_some(unsent_);
      if (step.state != StreamStep::State::done) return;
      unsent_.remove_prefix(step.bytes);
    }
  }

  bool take(std::string_view bytes, LoadTime now) override {
    if (!busy_) {
      ++host_.recorder->result.stray_answers;
      reconnect(now);
      return false;
    }
    if (answer_.bytes == 0) answer_.first_byte = now;
    answer_.bytes += bytes.size();
    const std::size_t used = scanner_.feed(bytes);
    if (scanner_.fault() != ResponseFault::none) {
      fail_with(load_error_of(scanner_.fault()), now);
      return false;
    }
    if (!scanner_.is_complete()) return true;
    if (used < bytes.size()) {
      fail_with(LoadError::unsolicited, now);
    } else {
      finish(now);
    }
    return false;
  }

  void skip(std::uint64_t bytes) override {
    answer_.bytes += bytes;
    scanner_.skip(bytes);
    if (scanner_.is_complete()) finish(load_clock());
  }

  void ended(Ending ending, LoadTime now) override {
    peer_closes_ = true;
    if (!busy_) return reconnect(now);
    if (ending == Ending::closed && scanner_.close()) return finish(now);
    if (ending == Ending::reset) return fail_with(LoadError::reset, now);
    fail_with(answer_.bytes == 0 ? LoadError::closed : LoadError::truncated, now);
  }

  void check_timeouts(LoadTime now) override {
    if (busy_ && now - job_.sent > host_.options->timeout) fail_with(LoadError::timeout, now);
  }

  void finish(LoadTime now) {
    // A server may answer before it has the whole request; the rest of it is then never sent.
    const bool again =
        scanner_.keeps_alive() && host_.options->keep_alive && !peer_closes_ && unsent_.empty();
    busy_ = false;
    was_useful_ = true;
    --host_.in_flight;
    answer_.status = scanner_.status();
    answer_.complete = now;
    host_.recorder->answered(job_, answer_);
    if (!again) return reconnect(now);
    // Later than `now`, by what was done in between: that is no time of the server's.
    free_since_ = load_clock();
    host_.is_free(*this, free_since_);
  }

  void fail_with(LoadError error, LoadTime now) {
    busy_ = false;
    was_useful_ = true;  // It has carried a request: no pause.
    --host_.in_flight;
    host_.recorder->failed(job_, error, now);
    reconnect(now);
  }

  ResponseScanner scanner_;
  LoadJob job_;
  LoadAnswer answer_;
  std::string_view unsent_;  ///< Of the request.
  bool busy_ = false;
};

}  // namespace

std::unique_ptr<LoadConnection> make_http1_connection(LoadHost& host) {
  return std::make_unique<Http1Connection>(host);
}

}  // namespace rz::bench
