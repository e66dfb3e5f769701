#pragma once

// What nearly every source includes, compiled once where that is quicker (see RZ_PRECOMPILE). Each
// source must still include what it uses: the builds without precompiled headers check that.

#include <algorithm>
#include <array>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <utility>
#include <variant>
#include <vector>

#include "rz/base/clock.h"
#include "rz/base/result.h"
#include "rz/base/text.h"
#include "rz/base/value.h"
