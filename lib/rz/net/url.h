#pragma once

#include <string>
#include <string_view>

namespace rz {

/// `url` as a message may show it: without userinfo, query and fragment, where secrets live. Errs
/// on the side of hiding: of what is no URL, all up to the last `@` goes.
std::string redacted_url(std::string_view url);

}  // namespace rz
