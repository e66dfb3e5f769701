#include "rz/reports/writing/color_of.h"

namespace rz::reports {

Color color_of(Mode mode) {
  switch (mode) {
    case Mode::primary: return Color::green;
    case Mode::heuristic: return Color::yellow;
    case Mode::safe: return Color::red;
  }
  return Color::none;
}

Color color_of(HealthStatus status) {
  switch (status) {
    case HealthStatus::healthy: return Color::green;
    case HealthStatus::degraded: return Color::yellow;
    case HealthStatus::unhealthy: return Color::red;
    case HealthStatus::unknown: return Color::cyan;
  }
  return Color::none;
}

Color color_of(BreakerState::Phase phase) {
  switch (phase) {
    case BreakerState::Phase::closed: return Color::green;
    case BreakerState::Phase::half_open: return Color::yellow;
    case BreakerState::Phase::open: return Color::red;
  }
  return Color::none;
}

Color color_of(const ComponentHealth& component) {
  if (component.status == "failed") return Color::red;
  return component.status == "healthy" ? Color::green : Color::yellow;
}

}  // namespace rz::reports
