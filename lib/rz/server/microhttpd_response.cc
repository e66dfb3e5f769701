#include "rz/server/microhttpd_response.h"

#include <string>

namespace rz::server {
namespace {

using Body = std::shared_ptr<const std::string>;

void release(void* body) { delete static_cast<Body*>(body); }

}  // namespace

ResponsePtr make_response(const Answer& answer, bool last) {
  auto kept =
      std::make_unique<Body>(answer.body ? answer.body : std::make_shared<const std::string>());
  const std::string& bytes = **kept;
  ResponsePtr response(::MHD_create_response_from_buffer_with_free_callback_cls(
      bytes.size(), const_cast<char*>(bytes.data()), &release, kept.get()));
  if (!response) return nullptr;
  (void)kept.release();  // It goes with the response.
  const auto add = [&](const char* name, const std::string& value) {
    ::MHD_add_response_header(response.get(), name, value.c_str());
  };
  add(MHD_HTTP_HEADER_CONTENT_TYPE, answer.content_type);
  add(MHD_HTTP_HEADER_CACHE_CONTROL, "no-store");
  add("X-Content-Type-Options", "nosniff");
  for (const auto& [name, value] : answer.headers) add(name.c_str(), value);
  if (last) add(MHD_HTTP_HEADER_CONNECTION, "close");
  return response;
}

}  // namespace rz::server
