#include "rz/fallback/detector.h"

#include "rz/base/json.h"
#include "rz/base/process.h"
#include "rz/base/text.h"

namespace rz::fallback {
namespace {

/// The first line of what a program said before it failed, fit for a message.
std::string first_line(const std::string& text) {
  return ellipsize(printable(std::string_view(text).substr(0, text.find('\n'))), 200);
}

Result<Value> check_answer(Result<Value> answer) {
  const auto bad = [](const std::string& what) {
    return fail(ErrorCode::parse, "the detector's answer " + what);
  };
  if (!answer) return bad("is not JSON: " + answer.error().message);
  if (const auto name = answer->repeated_name()) {
    return bad("has more than one '" + ellipsize(printable(*name), 40) + "'");
  }
  const Value* anomaly = answer->find("anomaly");
  const Value* confidence = answer->find("confidence");
  if (anomaly == nullptr || anomaly->as_bool() == nullptr) return bad("has no boolean 'anomaly'");
  if (confidence == nullptr || !confidence->is_number()) return bad("has no number 'confidence'");
  const std::int64_t* whole = confidence->as_int();
  const double sure = whole ? static_cast<double>(*whole) : *confidence->as_double();
  if (sure < 0 || sure > 1) {
    return bad("has a 'confidence' of " + format_double(sure) + ", but it must be from 0 to 1");
  }
  return answer;
}

class CommandDetector final : public Detector {
 public:
  explicit CommandDetector(CommandOptions options) : options_(std::move(options)) {}

  Result<Value> detect(const Value& telemetry) override {
    ProcessOptions process;
    process.argv = options_.command;
    process.input = to_json(telemetry) + "\n";
    process.timeout = options_.timeout;
    const auto ran = run_process(process);
    if (!ran) return fail(ran.error());
    if (ran->timed_out) return fail(ErrorCode::timeout, "the detector gave no answer in time");
    if (ran->exit_code != 0) {
      return fail(ErrorCode::unavailable, "the detector ended with exit code " +
                                              std::to_string(ran->exit_code) + ": " +
                                              first_line(ran->error));
    }
    return check_answer(parse_json(ran->output, "answer"));
  }

 private:
  CommandOptions options_;
};

class ConditionDetector final : public Detector {
 public:
  explicit ConditionDetector(Condition condition) : condition_(std::move(condition)) {}

  Result<Value> detect(const Value& telemetry) override {
    const auto anomaly = condition_.evaluate(context_from(telemetry));
    if (!anomaly) return fail(anomaly.error());
    return Value::object(
        {{"anomaly", *anomaly}, {"confidence", *anomaly ? 1.0 : 0.0}, {"mode", "heuristic"}});
  }

 private:
  Condition condition_;
};

}  // namespace

std::unique_ptr<Detector> make_command_detector(CommandOptions options) {
  return std::make_unique<CommandDetector>(std::move(options));
}

std::unique_ptr<Detector> make_condition_detector(Condition condition) {
  return std::make_unique<ConditionDetector>(std::move(condition));
}

std::unique_ptr<Detector> make_detector(const DetectorOptions& options) {
  if (options.command) return make_command_detector(*options.command);
  if (options.when) return make_condition_detector(*options.when);
  return nullptr;
}

ConditionContext context_from(const Value& object) {
  ConditionContext context;
  const Value::Object* members = object.as_object();
  if (members == nullptr) return context;
  for (const auto& [name, value] : *members) {
    if (const bool* v = value.as_bool()) context.set(name, *v);
    if (const std::int64_t* v = value.as_int()) context.set(name, *v);
    if (const double* v = value.as_double()) context.set(name, *v);
    if (const std::string* v = value.as_string()) context.set(name, *v);
  }
  return context;
}

}  // namespace rz::fallback
