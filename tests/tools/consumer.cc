// A program of somebody else, which has only what is installed: tests/scripts/install builds it
// against the installed headers and librz.so, and runs it with the URL of a store. It calls a
// function of each promised class, so that one that the library does not export does not link.
#include <cstdlib>
#include <iostream>
#include <type_traits>

#include "rz/cond/explain.h"
#include "rz/fallback/fallback_manager.h"
#include "rz/health/circuit_breaker.h"
#include "rz/health/component_registry.h"
#include "rz/health/health_monitor.h"
#include "rz/health/retry_tracker.h"
#include "rz/storage/open_storage.h"

namespace {

using namespace rz;

class OwnCheck final : public HealthCheck {
 public:
  const std::string& name() const override { return name_; }
  std::string_view type() const override { return "own"; }
  Millis timeout() const override { return Millis{60'000}; }
  CheckResult check() override {
    CheckResult result;
    result.status = HealthStatus::healthy;
    result.metadata.set("answer", Value(std::int64_t{42}));
    return result;
  }

 private:
  std::string name_ = "own";
};

class OwnSink final : public MetricsSink {
 public:
  void emit(std::string_view, double, const MetricTags&, std::optional<TimePoint>) override {
    ++measured;
  }
  void emit_counter(std::string_view, double, const MetricTags&) override { ++measured; }
  void emit_histogram(std::string_view, double, const MetricTags&) override { ++measured; }

  int measured = 0;
};

template <class T>
T ok(Result<T> result) {
  if (!result) {
    std::cerr << to_string(result.error()) << "\n";
    std::exit(1);  // The library never does.
  }
  if constexpr (!std::is_void_v<T>) return *std::move(result);
}

void use_conditions() {
  const Condition condition = ok(parse_condition("severity >= 0.8"));
  ConditionContext context;
  context.set("severity", 0.9);
  std::cout << std::boolalpha << ok(condition.evaluate(context)) << " "
            << explain(condition, context).root.text << "\n";
  const auto wrong = parse_condition("severity >=");
  std::cout << wrong.error().where << " " << check_condition("severity >=").size() << " "
            << lint_condition("severity > 1").size() << "\n";
}

HealthState observe(Storage& storage, MetricsSink& sink) {
  SystemClock& clock = SystemClock::instance();
  HealthMonitor monitor({}, clock, &sink);
  monitor.register_check(std::make_shared<OwnCheck>());
  ok(ComponentRegistry(storage, clock).report("pay", "failed", "no answer"));
  CircuitBreaker breaker("default", storage, BreakerOptions{.failure_threshold = 1}, clock);
  ok(breaker.record_failure());
  ok(RetryTracker(storage, clock).record_failure());
  HealthState state = ok(monitor.comprehensive_state(storage));
  state.resources = {};  // How full this machine is, is no matter here.
  return state;
}

}  // namespace

int main(int, char** arguments) {
  use_conditions();
  StorageOptions options;
  options.url = arguments[1];
  const auto storage = ok(open_storage(options));
  OwnSink sink;
  const HealthState state = observe(*storage, sink);
  FallbackManagerOptions manager_options;
  manager_options.spool = make_spool(arguments[2], store_identity(options));
  FallbackManager manager(*storage, manager_options, SystemClock::instance(), &sink);
  std::string entered;
  manager.register_mode_callback(Mode::heuristic,
                                 [&](const Transition& transition) -> Result<void> {
                                   entered = transition.reason;
                                   return {};
                                 });
  std::cout << to_string(ok(manager.cascade(state)).after.mode) << " " << entered << "\n";
  const Evaluation pinned = ok(manager.set_mode("safe", Millis{60'000}, "a test"));
  std::cout << pinned.after.pin->reason << " " << to_string(pinned.after.mode) << " "
            << ok(manager.transitions_log()).size() << " " << (sink.measured > 0) << "\n";
}
