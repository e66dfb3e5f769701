#include "rz/bench/http/http2_connection.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "rz/bench/http/http2_module.h"

namespace rz::bench {
namespace {

using net::StreamStep;
using MakeHttp2Session = decltype(rz_make_http2_session);

class Http2Connection final : public LoadConnection, Http2Listener {
 public:
  Http2Connection(LoadHost& host, MakeHttp2Session* make)
      : LoadConnection(host),
        make_(make),
        slots_(static_cast<std::size_t>(host.options->streams)) {}

  bool can_start() const override {
    return is_open() && !peer_closes_ &&
           busy_ < std::min(slots_.size(), session_->most_streams()) && session_->takes_requests();
  }

  void start(const LoadJob& job) override {
    const std::size_t index = free_slot();
    slots_[index] = {job, {}, true};
    ++busy_;
    ++host_.in_flight;
    if (!session_->submit(index, job.endpoint)) {
      // It would not take another one either; a tick makes a new connection.
      peer_closes_ = true;
      return fail_slot(index, LoadError::stream, job.sent);
    }
    // While bytes are being read, what they cause is sent together at their end.
    if (!reading_) send_output();
  }

  void abandon() override {
    for (const Slot& slot : slots_) {
      if (slot.busy) host_.recorder->abandoned(slot.job);
    }
  }

 private:
  struct Slot {
    LoadJob job;
    LoadAnswer answer;
    bool busy = false;
  };

  void opened() override {
    const LoadTime now = load_clock();
    busy_ = 0;
    session_.reset(make_(*this, *host_.requests, slots_.size()));
    // A server that chose another protocol would not understand this one.
    if (!session_ || (host_.tls && protocol() != "h2")) return give_up(LoadError::http2, now);
    send_output();
    host_.is_free(*this, now);
  }

  void writable(LoadTime) override { send_output(); }
  bool is_idle() const override { return busy_ == 0; }

  bool take(std::string_view bytes, LoadTime now) override {
    now_ = now;
    reading_ = true;
    const bool sound = session_->receive(bytes);
    reading_ = false;
    send_output();
    if (!sound) {
      note_failure(explain(LoadError::http2));
      fail_all(LoadError::http2, now);
      reconnect(now);
      return false;
    }
    if (busy_ == 0 && (peer_closes_ || !session_->takes_requests())) {
      reconnect(now);
      return false;
    }
    return true;
  }

  void ended(Ending ending, LoadTime now) override {
    peer_closes_ = true;
    fail_all(ending == Ending::reset ? LoadError::reset : LoadError::closed, now);
    reconnect(now);
  }

  void check_timeouts(LoadTime now) override {
    if (busy_ == 0 && peer_closes_) return reconnect(now);
    for (std::size_t i = 0; i < slots_.size(); ++i) {
      if (!slots_[i].busy || now - slots_[i].job.sent <= host_.options->timeout) continue;
      session_->cancel(i);
      fail_slot(i, LoadError::timeout, now);
      host_.is_free(*this, now);
    }
    send_output();
  }

  // ---- Http2Listener

  void began(std::size_t index) override { slots_[index].answer.first_byte = now_; }

  void answered(std::size_t index, int status, std::uint64_t bytes) override {
    Slot& slot = slots_[index];
    slot.answer.status = status;
    slot.answer.bytes = bytes;
    slot.answer.complete = now_;
    was_useful_ = true;
    host_.recorder->answered(slot.job, slot.answer);
    free_up(slot);
  }

  void refused(std::size_t index) override {
    was_useful_ = true;
    fail_slot(index, LoadError::stream, now_);
    if (is_open()) host_.is_free(*this, free_since_);
  }

  void free_up(Slot& slot) {
    slot.busy = false;
    --busy_;
    --host_.in_flight;
    free_since_ = load_clock();
    host_.is_free(*this, free_since_);
  }

  void fail_slot(std::size_t index, LoadError error, LoadTime now) {
    Slot& slot = slots_[index];
    slot.busy = false;
    --busy_;
    --host_.in_flight;
    free_since_ = now;
    host_.recorder->failed(slot.job, error, now);
  }

  void fail_all(LoadError error, LoadTime now) {
    for (std::size_t i = 0; i < slots_.size(); ++i) {
      if (!slots_[i].busy) continue;
      const bool within = error == LoadError::closed && slots_[i].answer.first_byte.count() > 0;
      was_useful_ = true;
      fail_slot(i, within ? LoadError::truncated : error, now);
    }
  }

  std::size_t free_slot() const {
    const auto free = std::find_if(slots_.begin(), slots_.end(), [](auto& s) { return !s.busy; });
    return static_cast<std::size_t>(free - slots_.begin());
  }

  void send_output() {
    for (auto rest = session_->output(); !rest.empty(); rest = session_->output()) {
      const StreamStep step = send_some(rest);
      if (step.state != StreamStep::State::done) return;
      session_->sent(step.bytes);
    }
  }

  MakeHttp2Session* make_;
  std::vector<Slot> slots_;
  std::unique_ptr<Http2Session> session_;
  std::size_t busy_ = 0;
  bool reading_ = false;
  LoadTime now_{0};
};

}  // namespace

Result<std::unique_ptr<LoadConnection>> make_http2_connection(LoadHost& host) {
  const auto make = load_module(kHttp2Module);
  if (!make) return fail(make.error());
  return std::make_unique<Http2Connection>(host, *make);
}

}  // namespace rz::bench
