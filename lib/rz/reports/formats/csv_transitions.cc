#include <memory>
#include <string>

#include "rz/base/timestamp.h"
#include "rz/reports/formats.h"
#include "rz/reports/transitions.h"
#include "rz/reports/writing/csv.h"

namespace rz::reports {
namespace {

class CsvTransitions final : public TransitionsWriter {
 public:
  explicit CsvTransitions(Page& page) : csv_(page) {}

  using TransitionsWriter::add;
  void add(const fallback::TransitionView& t) override {
    begin();
    const std::string timestamp = format_timestamp(t.timestamp);
    const std::string epoch = t.epoch ? std::to_string(*t.epoch) : "";
    csv_.row({timestamp, to_string(t.from), to_string(t.to), t.reason, t.trigger, t.actor, t.host,
              epoch});
  }

  void pause() override { begin(); }
  void go_on() override { begun_ = true; }
  void finish(const EndOfList&) override { begin(); }

 private:
  void begin() {
    if (begun_) return;
    csv_.row({"timestamp", "from", "to", "reason", "trigger", "actor", "host", "epoch"});
    begun_ = true;
  }

  CsvWriter csv_;
  bool begun_ = false;
};

}  // namespace

std::unique_ptr<TransitionsWriter> Csv::begin_list(Page& page) {
  return std::make_unique<CsvTransitions>(page);
}

}  // namespace rz::reports
