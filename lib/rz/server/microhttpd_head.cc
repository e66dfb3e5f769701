#include "rz/server/microhttpd_head.h"

#include <algorithm>
#include <vector>

#include "rz/base/text.h"

namespace rz::server {
namespace {

/// The headers of which a request may have one at most, and what is wrong with any.
struct Head {
  std::vector<std::string_view> hosts;
  std::vector<std::string_view> lengths;
  std::vector<std::string_view> codings;
  std::string wrong;
};

bool is_letter_or_digit(char c) {
  return (c >= '0' && c <= '9') || (to_lower(c) >= 'a' && to_lower(c) <= 'z');
}

bool is_name(std::string_view text) {
  constexpr std::string_view kMore = "!#$%&'*+-.^_`|~";
  return !text.empty() && std::all_of(text.begin(), text.end(), [&](char c) {
    return is_letter_or_digit(c) || kMore.find(c) != std::string_view::npos;
  });
}

bool is_value(std::string_view text) {
  return std::none_of(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) < ' ' && c != '\t') || c == '\x7f';
  });
}

bool is_number(std::string_view text) {
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

MHD_Result look_at(void* context, MHD_ValueKind, const char* name, std::size_t name_size,
                   const char* value, std::size_t value_size) {
  Head& head = *static_cast<Head*>(context);
  const std::string_view key(name != nullptr ? name : "", name != nullptr ? name_size : 0);
  const std::string_view text(value != nullptr ? value : "", value != nullptr ? value_size : 0);
  if (!is_name(key)) head.wrong = "the name of a header is not one";
  if (!is_value(text)) head.wrong = "the value of a header has control characters";
  if (equals_ignore_case(key, MHD_HTTP_HEADER_HOST)) head.hosts.push_back(trim(text));
  if (equals_ignore_case(key, MHD_HTTP_HEADER_CONTENT_LENGTH)) head.lengths.push_back(trim(text));
  if (equals_ignore_case(key, MHD_HTTP_HEADER_TRANSFER_ENCODING)) {
    head.codings.push_back(trim(text));
  }
  return MHD_YES;
}

}  // namespace

std::string doubt_of_head(MHD_Connection* connection, std::string_view version) {
  Head head;
  ::MHD_get_connection_values_n(connection, MHD_HEADER_KIND, &look_at, &head);
  if (!head.wrong.empty()) return head.wrong;
  if (head.hosts.size() > 1) return "there are several headers Host";
  if (head.hosts.empty() && version == "HTTP/1.1") return "the header Host is missing";
  if (head.lengths.size() > 1) return "there are several headers Content-Length";
  if (!head.lengths.empty() && !is_number(head.lengths[0])) return "Content-Length is not a number";
  if (head.codings.empty()) return "";
  if (!head.lengths.empty()) return "Content-Length and Transfer-Encoding exclude each other";
  if (head.codings.size() > 1 || !equals_ignore_case(head.codings[0], "chunked")) {
    return "Transfer-Encoding may only be 'chunked'";
  }
  return version == "HTTP/1.1" ? "" : "Transfer-Encoding needs HTTP/1.1";
}

}  // namespace rz::server
