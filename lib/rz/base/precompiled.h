#pragma once

// What nearly every source includes, compiled once where that is quicker (see RZ_PRECOMPILE). Each
// source must still include what it uses: the preset `work`, which has no precompiled headers,
// checks that. Headers of rz are not among these, so that a source that forgot one fails
// everywhere.

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
