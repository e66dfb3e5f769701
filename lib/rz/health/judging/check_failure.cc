#include "rz/health/judging/check_failure.h"

namespace rz::health {
namespace {

// The caller asked for something impossible, which says nothing about the subject.
bool is_wrong_question(ErrorCode code) {
  return code == ErrorCode::invalid_argument || code == ErrorCode::parse ||
         code == ErrorCode::config;
}

bool is_of_target(ErrorCode code) {
  switch (code) {
    case ErrorCode::unavailable:
    case ErrorCode::timeout:
    case ErrorCode::unsupported:
    case ErrorCode::auth:
    case ErrorCode::corrupt: return true;
    case ErrorCode::invalid_argument:
    case ErrorCode::parse:
    case ErrorCode::config:
    case ErrorCode::not_found:
    case ErrorCode::conflict:
    case ErrorCode::internal: return false;
  }
  return false;
}

bool blames_subject(AskedParty asked, const Error& error) {
  if (error.own_side) return false;
  switch (asked) {
    case AskedParty::target: return is_of_target(error.code);
    case AskedParty::own_store: return !is_wrong_question(error.code);
    case AskedParty::messenger: return false;
  }
  return false;
}

}  // namespace

HealthStatus status_of_failure(AskedParty asked, const Error& error) {
  return blames_subject(asked, error) ? HealthStatus::unhealthy : HealthStatus::unknown;
}

bool is_answer(const Error& error) {
  return error.code == ErrorCode::auth || error.code == ErrorCode::unsupported;
}

}  // namespace rz::health
