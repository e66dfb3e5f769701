#include "rz/fallback/anomaly_detection.h"

#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <utility>

#include "rz/base/json.h"
#include "support/results.h"

namespace rz::fallback {
namespace {

/// Answers what it is told to.
class FakeDetector final : public Detector {
 public:
  explicit FakeDetector(Result<Value> answer) : answer_(std::move(answer)) {}
  Result<Value> detect(const Value&) override { return answer_; }

 private:
  Result<Value> answer_;
};

std::string detect(const AnomalyDetection& detection, Mode mode) {
  return to_json(detection.detect(mode, Value::object({{"severity", 0.9}})));
}

TEST_CASE("without a detector the answer is careful") {
  const AnomalyDetection none(nullptr, nullptr);
  CHECK(detect(none, Mode::primary) ==
        R"({"anomaly":false,"confidence":0.0,"mode":"primary_unavailable"})");
  CHECK(detect(none, Mode::heuristic) ==
        R"({"anomaly":false,"confidence":0.0,"mode":"heuristic_unavailable"})");
}

TEST_CASE("the detector of the mode answers, and none in safe mode") {
  const AnomalyDetection detection(
      std::make_unique<FakeDetector>(Value::object({{"anomaly", true}, {"confidence", 0.5}})),
      make_condition_detector(ok(parse_condition("severity >= 0.8"))));
  CHECK(detect(detection, Mode::heuristic) ==
        R"({"anomaly":true,"confidence":1.0,"mode":"heuristic"})");
  CHECK(detect(detection, Mode::primary) == R"({"anomaly":true,"confidence":0.5})");
  CHECK(detect(detection, Mode::safe) == R"({"anomaly":false,"confidence":0.0,"mode":"safe"})");
}

TEST_CASE("a detector that fails answers carefully, with the error") {
  const AnomalyDetection detection(
      std::make_unique<FakeDetector>(fail(ErrorCode::timeout, "the model sleeps")), nullptr);
  CHECK(detect(detection, Mode::primary) ==
        R"({"anomaly":false,"confidence":0.0,"mode":"error","error":"the model sleeps"})");
}

}  // namespace
}  // namespace rz::fallback
