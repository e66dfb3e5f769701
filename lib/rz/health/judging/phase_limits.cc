#include "rz/health/judging/phase_limits.h"

#include "rz/health/judging/latency.h"
#include "rz/health/judging/measured_limits.h"

namespace rz::health {

void visit_phases(FieldVisitor& fields, PhaseLimits& limits, std::string_view first_byte) {
  fields.section({"phases", "How long the parts of an exchange may take."},
                 [&](FieldVisitor& phases) {
                   const auto phase = [&](const Field& field, LatencyLimits& each) {
                     phases.section(field, [&](FieldVisitor& keys) { visit_fields(keys, each); });
                   };
                   phase({"dns", "Looking up the host."}, limits.dns);
                   phase({"connect", "Connecting to it."}, limits.connect);
                   phase({"tls", "The TLS handshake."}, limits.tls);
                   if (!first_byte.empty()) phase({"first_byte", first_byte}, limits.first_byte);
                 });
}

void judge_phases(const net::Phases& phases, const PhaseLimits& limits,
                  std::chrono::nanoseconds held_up, CheckResult& result) {
  judge_latency(result, "the look-up", phases.dns, limits.dns, held_up);
  judge_latency(result, "connecting", phases.connect, limits.connect, held_up);
  judge_latency(result, "the TLS handshake", phases.tls, limits.tls, held_up);
  judge_latency(result, "the first byte", phases.first_byte, limits.first_byte, held_up);
  set_most(result.metadata, "dns_ms", limits.dns);
  set_most(result.metadata, "connect_ms", limits.connect);
  set_most(result.metadata, "tls_ms", limits.tls);
  set_most(result.metadata, "first_byte_ms", limits.first_byte);
}

double in_milliseconds(Micros time) {
  return std::chrono::duration<double, std::milli>(time).count();
}

}  // namespace rz::health
