#pragma once

#include <string>
#include <string_view>

#include "rz/base/result.h"

namespace rz::net {

/// What is said where the time was over. Whoever knows how long it was says that instead.
inline constexpr std::string_view kNoAnswerInTime = "no answer in time";

inline tl::unexpected<Error> no_answer_in_time() {
  return fail(ErrorCode::timeout, std::string(kNoAnswerInTime));
}

}  // namespace rz::net
