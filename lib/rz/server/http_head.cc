#include "rz/server/http_head.h"

#include <algorithm>
#include <limits>
#include <utility>
#include <vector>

#include "rz/base/text.h"

namespace rz::server {
namespace {

tl::unexpected<Refusal> refuse(std::string why, int status = 400) {
  return tl::make_unexpected(Refusal{status, std::move(why)});
}

bool is_token(std::string_view text) {
  constexpr std::string_view kMore = "!#$%&'*+-.^_`|~";
  return !text.empty() && std::all_of(text.begin(), text.end(), [&](char c) {
    return is_alpha(c) || is_digit(c) || kMore.find(c) != std::string_view::npos;
  });
}

bool is_control(char c) { return static_cast<unsigned char>(c) < ' ' || c == '\x7f'; }

// Bytes beyond ASCII are allowed: clients send names in UTF-8 as they are.
bool is_target(std::string_view text) {
  return !text.empty() &&
         std::none_of(text.begin(), text.end(), [](char c) { return c == ' ' || is_control(c); });
}

bool is_value(std::string_view text) {
  return std::none_of(text.begin(), text.end(), [](char c) { return c != '\t' && is_control(c); });
}

// A number that is too large for the type is larger than whatever is allowed.
std::optional<std::uint64_t> read_length(std::string_view digits) {
  constexpr std::uint64_t kMost = std::numeric_limits<std::uint64_t>::max();
  if (digits.empty() || !std::all_of(digits.begin(), digits.end(), is_digit)) return std::nullopt;
  std::uint64_t length = 0;
  for (const char c : digits) {
    const auto digit = static_cast<std::uint64_t>(c - '0');
    length = length > (kMost - digit) / 10 ? kMost : length * 10 + digit;
  }
  return length;
}

/// The headers that are looked at, each as often as it is there.
struct KnownHeaders {
  struct Header {
    std::string_view name;
    std::vector<std::string_view> values{};

    std::string_view only() const { return values.empty() ? "" : values.front(); }
    /// Several headers of a list are one list.
    std::string list() const {
      std::string text;
      for (const std::string_view value : values) {
        text.append(text.empty() ? "" : ", ").append(value);
      }
      return text;
    }
    bool lists(std::string_view word) const {
      const std::string all = list();
      const auto words = split(std::string_view(all), ',');
      return std::any_of(words.begin(), words.end(), [&](std::string_view each) {
        return equals_ignore_case(trim(each), word);
      });
    }
  };
  Header host{"Host"}, length{"Content-Length"}, coding{"Transfer-Encoding"};
  Header authorization{"Authorization"}, origin{"Origin"};
  Header accept{"Accept"}, connection{"Connection"}, expect{"Expect"};

  void add(std::string_view name, std::string_view value) {
    for (Header* header :
         {&host, &length, &coding, &authorization, &origin, &accept, &connection, &expect}) {
      if (equals_ignore_case(name, header->name)) header->values.push_back(value);
    }
  }
};

// A line without its end.
tl::expected<std::string_view, Refusal> take_line(std::string_view& text) {
  const std::size_t end = std::min(text.find('\n'), text.size());
  std::string_view line = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  if (!line.ends_with('\r')) return refuse("a line of the head does not end with CR LF");
  line.remove_suffix(1);
  return line;
}

/// The first line: `GET /health HTTP/1.1`. Returns whether the version is 1.1.
tl::expected<bool, Refusal> read_first_line(std::string_view line, Request& request) {
  const std::vector<std::string_view> parts = split(line, ' ');
  if (parts.size() != 3 || !is_token(parts[0]) || !is_target(parts[1])) {
    return refuse("the first line is not 'METHOD target HTTP/1.1'");
  }
  request.method = parts[0];
  request.target = parts[1];
  const std::string_view version = parts[2];
  if (version == "HTTP/1.1" || version == "HTTP/1.0") return version == "HTTP/1.1";
  const bool is_version = version.size() == 8 && version.starts_with("HTTP/") &&
                          is_digit(version[5]) && version[6] == '.' && is_digit(version[7]);
  if (is_version) return refuse("only HTTP/1.1 and HTTP/1.0 are spoken here", 505);
  return refuse("the first line is not 'METHOD target HTTP/1.1'");
}

tl::expected<KnownHeaders, Refusal> read_headers(std::string_view text) {
  KnownHeaders headers;
  for (;;) {
    const auto line = take_line(text);
    if (!line) return tl::make_unexpected(line.error());
    if (line->empty()) return headers;
    const std::size_t colon = std::min(line->find(':'), line->size());
    // That of a folded line begins with a blank, and that of a line without a colon is all of it.
    if (colon == line->size() || !is_token(line->substr(0, colon))) {
      return refuse("the name of a header is not one");
    }
    const std::string_view value = line->substr(colon + 1);
    if (!is_value(value)) return refuse("the value of a header has control characters");
    headers.add(line->substr(0, colon), trim(value));
  }
}

// What tells where the body ends, and so where the next request begins.
std::optional<Refusal> read_framing(const KnownHeaders& headers, bool version_1_1,
                                    RequestHead& head) {
  for (const auto* each : {&headers.host, &headers.length, &headers.authorization}) {
    if (each->values.size() <= 1) continue;
    return Refusal{400, "there are several headers " + std::string(each->name)};
  }
  if (headers.host.values.empty() && version_1_1) return Refusal{400, "the header Host is missing"};
  if (!headers.length.values.empty()) {
    const auto length = read_length(headers.length.only());
    if (!length) return Refusal{400, "Content-Length is not a number"};
    head.length = *length;
  }
  const auto& codings = headers.coding.values;
  if (codings.empty()) return std::nullopt;
  if (!headers.length.values.empty()) {
    return Refusal{400, "Content-Length and Transfer-Encoding exclude each other"};
  }
  if (codings.size() > 1 || !equals_ignore_case(codings.front(), "chunked")) {
    return Refusal{400, "Transfer-Encoding may only be 'chunked'"};
  }
  if (!version_1_1) return Refusal{400, "Transfer-Encoding needs HTTP/1.1"};
  head.chunked = true;
  return std::nullopt;
}

}  // namespace

// An empty line ends it also where line feeds stand alone, so that such a head is refused at once.
std::optional<std::size_t> find_head_end(std::string_view text, std::size_t from) {
  for (std::size_t at = text.find('\n', from); at != std::string_view::npos;
       at = text.find('\n', at + 1)) {
    const std::string_view rest = text.substr(at + 1);
    if (rest.starts_with('\n')) return at + 2;
    if (rest.starts_with("\r\n")) return at + 3;
  }
  return std::nullopt;
}

tl::expected<RequestHead, Refusal> parse_head(std::string_view text) {
  RequestHead head;
  const auto line = take_line(text);
  if (!line) return tl::make_unexpected(line.error());
  const auto version_1_1 = read_first_line(*line, head.request);
  if (!version_1_1) return tl::make_unexpected(version_1_1.error());
  const auto headers = read_headers(text);
  if (!headers) return tl::make_unexpected(headers.error());
  if (auto refusal = read_framing(*headers, *version_1_1, head)) {
    return tl::make_unexpected(*std::move(refusal));
  }
  if (*version_1_1 && !headers->expect.values.empty()) {
    if (!equals_ignore_case(headers->expect.list(), "100-continue")) {
      return refuse("only 100-continue can be expected", 417);
    }
    head.expects_continue = head.has_body();
  }
  head.is_old = !*version_1_1;
  head.keep_alive =
      *version_1_1 ? !headers->connection.lists("close") : headers->connection.lists("keep-alive");
  head.request.accept = headers->accept.list();
  head.request.authorization = headers->authorization.only();
  head.request.origin = headers->origin.list();
  return head;
}

}  // namespace rz::server
