#include "rz/storage/storage_url.h"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <optional>

#include "rz/base/percent_encoding.h"
#include "rz/base/text.h"
#include "rz/storage/storage_schemes.h"

namespace rz::storage {
namespace {

constexpr const char* kFolderOfRoot = "/var/lib/rz";

using Kind = StorageUrl::Kind;

// `valkey…` is another spelling of `redis…`.
std::string canonical_scheme(std::string_view name) {
  constexpr std::string_view kValkey = "valkey";
  std::string canonical = to_lower(name);
  if (canonical.starts_with(kValkey)) canonical.replace(0, kValkey.size(), "redis");
  return canonical;
}

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }

bool has_control(std::string_view text) {
  return std::any_of(text.begin(), text.end(), is_control);
}

bool is_plain(char c, std::string_view also) {
  return is_alpha(c) || is_digit(c) || also.find(c) != std::string_view::npos;
}

// A decimal number of digits alone, at most `max`.
std::optional<int> parse_number(std::string_view text, int max) {
  if (!std::all_of(text.begin(), text.end(), is_digit)) return std::nullopt;
  const auto number = parse_int(text);
  if (!number || *number > max) return std::nullopt;
  return static_cast<int>(*number);
}

std::optional<std::string> environment(const char* name) {
  const char* value = std::getenv(name);
  if (value == nullptr || *value == '\0') return std::nullopt;
  return value;
}

// `path` in `folder`, which may be `/` or end in one.
std::string below(std::string folder, std::string_view path) {
  while (folder.ends_with('/')) folder.pop_back();
  return folder.append("/").append(path);
}

/// Takes a URL apart from left to right. No message repeats a part of the URL: a misplaced
/// character can make a password look like any of them.
class UrlParser {
 public:
  UrlParser(const StorageScheme& scheme, std::string_view rest) : scheme_(scheme), rest_(rest) {
    url_.kind = scheme.kind;
    url_.tls = scheme.tls;
  }

  Result<StorageUrl> parse() {
    if (auto parsed = parse_parts(); !parsed) return fail(std::move(parsed).error());
    return std::move(url_);
  }

 private:
  Result<void> parse_parts() {
    if (scheme_.kind == Kind::memory) {
      return rest_.empty() || rest_ == "//" ? Result<void>()
                                            : wrong("nothing may follow 'memory:'");
    }
    if (scheme_.kind == Kind::sqlite) return parse_sqlite();
    if (!rest_.starts_with("//")) return wrong("'//' is missing after the scheme");
    rest_.remove_prefix(2);
    if (auto taken = take_query(); !taken) return taken;
    if (auto taken = take_userinfo(); !taken) return taken;
    return scheme_.kind == Kind::redis_unix ? parse_socket() : parse_network();
  }

  // `sqlite:/path`, `sqlite:path`, and `sqlite:///path` as others write it.
  Result<void> parse_sqlite() {
    if (rest_.starts_with("///")) rest_.remove_prefix(2);
    if (rest_.empty()) return wrong("the path is missing");
    if (rest_.starts_with("//")) return wrong("a path begins with one '/' or none");
    if (rest_ == ":memory:") return wrong("for a store in memory write memory:");
    url_.path = rest_;
    if (!rest_.starts_with("~/")) return {};
    const auto home = environment("HOME");
    if (!home) return wrong("'~' is the home folder, but HOME is not set");
    url_.path = below(*home, rest_.substr(2));
    return {};
  }

  Result<void> take_query() {
    const std::size_t mark = rest_.find('?');
    if (mark == std::string_view::npos) return {};
    const std::string_view query = rest_.substr(mark + 1);
    rest_ = rest_.substr(0, mark);
    for (const std::string_view parameter : split(query, '&')) {
      const std::size_t sign = parameter.find('=');
      const std::string_view name = parameter.substr(0, sign);
      const std::string_view value =
          sign == std::string_view::npos ? std::string_view() : parameter.substr(sign + 1);
      if (auto taken = take_parameter(name, value); !taken) return taken;
    }
    return {};
  }

  Result<void> take_parameter(std::string_view name, std::string_view value) {
    if (scheme_.kind == Kind::redis_unix && name == "db") return set_database(value);
    UrlTls& tls = url_.tls_parameters;
    if (scheme_.tls && name == "ca") return take_path(value, tls.ca);
    if (scheme_.tls && name == "cert") return take_path(value, tls.cert);
    if (scheme_.tls && name == "key") return take_path(value, tls.key);
    if (scheme_.tls && name == "server_name") {
      if (auto taken = decode("server_name", value, tls.server_name); !taken) return taken;
      return has_control(tls.server_name) ? wrong("server_name holds a control character")
                                          : Result<void>();
    }
    if (scheme_.tls && name == "verify") {
      if (value != "true" && value != "false") return wrong("verify must be true or false");
      tls.verify = value == "true";
      return {};
    }
    return wrong("it has an unknown parameter after '?' (in a password write '?' as %3F)");
  }

  // A relative path would be one file in a shell and another in a cron job.
  Result<void> take_path(std::string_view text, std::string& path) {
    if (auto taken = decode("path of a file", text, path); !taken) return taken;
    if (has_control(path)) return wrong("the path of a file holds a control character");
    return path.starts_with('/') ? Result<void>()
                                 : wrong("the path of a file after '?' must begin with '/'");
  }

  // Userinfo ends at the last `@`, so that an unescaped one counts as part of the password and is
  // not shown as part of the host. The path of a socket may hold an `@` too, but begins with `/`.
  Result<void> take_userinfo() {
    const bool socket = scheme_.kind == Kind::redis_unix;
    if (socket && rest_.starts_with('/')) return {};
    const std::size_t end = socket ? rest_.rfind("@/") : rest_.rfind('@');
    if (end == std::string_view::npos) return {};
    const std::string_view info = rest_.substr(0, end);
    rest_.remove_prefix(end + 1);
    const std::size_t colon = info.find(':');
    if (auto taken = decode("user name", info.substr(0, colon), url_.user); !taken) return taken;
    if (has_control(url_.user)) return wrong("the user name holds a control character");
    if (colon == std::string_view::npos) return {};
    url_.has_password = true;
    return decode("password", info.substr(colon + 1), url_.password);
  }

  Result<void> parse_socket() {
    if (!rest_.starts_with('/')) return wrong("the path of the socket must begin with '/'");
    if (auto taken = decode("path", rest_, url_.path); !taken) return taken;
    if (has_control(url_.path)) return wrong("the path holds a control character");
    return {};
  }

  Result<void> parse_network() {
    const std::string_view hosts = take_up_to_slash();
    if (auto added = add_hosts(hosts); !added) return added;
    if (scheme_.kind == Kind::redis_sentinel) {
      const std::string_view master = take_up_to_slash();
      if (master.empty()) return wrong("the name of the master is missing");
      if (auto taken = decode("name of the master", master, url_.master); !taken) return taken;
      if (has_control(url_.master))
        return wrong("the name of the master holds a control character");
    }
    if (rest_.empty()) return {};
    if (scheme_.kind == Kind::redis_cluster) return wrong("a cluster has no databases");
    return set_database(rest_);
  }

  std::string_view take_up_to_slash() {
    const std::size_t slash = rest_.find('/');
    const std::string_view taken = rest_.substr(0, slash);
    rest_.remove_prefix(slash == std::string_view::npos ? rest_.size() : slash + 1);
    return taken;
  }

  Result<void> add_hosts(std::string_view hosts) {
    const bool one = scheme_.kind == Kind::redis;
    const std::vector<std::string_view> pieces = split(hosts, ',');
    if (one && pieces.size() > 1) return wrong("it names more than one host");
    for (const std::string_view piece : pieces) {
      if (auto added = add_host(piece); !added) return added;
    }
    return {};
  }

  Result<void> add_host(std::string_view text) {
    const bool ipv6 = text.starts_with('[');
    if (!ipv6 && std::count(text.begin(), text.end(), ':') > 1) {
      return wrong("an IPv6 address stands in brackets, as [::1]");
    }
    const std::size_t end = ipv6 ? text.find(']') : text.find(':');
    if (ipv6 && end == std::string_view::npos) return wrong("']' is missing after the address");
    const std::string_view host = ipv6 ? text.substr(1, end - 1) : text.substr(0, end);
    const std::string_view port = text.substr(std::min(text.size(), ipv6 ? end + 1 : end));
    if (host.empty()) return wrong("the host is missing");
    const auto fits = [&](char c) { return is_plain(c, ipv6 ? ":.%" : "._-"); };
    if (!std::all_of(host.begin(), host.end(), fits)) {
      return wrong("the host holds a character that a host name cannot have");
    }
    const auto number = port.empty() ? scheme_.port
                        : port[0] == ':' && port.size() > 1
                            ? parse_number(port.substr(1), 65'535).value_or(0)
                            : 0;
    if (number == 0) {
      return wrong("the port must be a number from 1 to 65535");
    }
    url_.hosts.emplace_back(host, static_cast<std::uint16_t>(number));
    return {};
  }

  Result<void> set_database(std::string_view text) {
    const auto number = text.empty() ? std::nullopt : parse_number(text, 1'000'000);
    if (!number) return wrong("the database must be a number, 0 or more");
    url_.database = *number;
    return {};
  }

  Result<void> decode(std::string_view what, std::string_view text, std::string& decoded) const {
    auto plain = percent_decode(text);
    if (plain) {
      decoded = *std::move(plain);
      return {};
    }
    return wrong("a '%' in the " + std::string(what) +
                 " is not followed by two hexadecimal digits (write '%' as %25)");
  }

  Result<void> wrong(std::string message) const {
    return fail(ErrorCode::invalid_argument, "wrong storage URL: " + std::move(message) +
                                                 "; write " + std::string(scheme_.form));
  }

  const StorageScheme& scheme_;
  std::string_view rest_;
  StorageUrl url_;
};

std::string host_text(const std::pair<std::string, std::uint16_t>& host) {
  const bool ipv6 = host.first.find(':') != std::string::npos;
  return (ipv6 ? "[" + host.first + "]" : host.first) + ":" + std::to_string(host.second);
}

tl::unexpected<Error> unknown_scheme(std::string_view text) {
  std::vector<std::string> names;
  for (const StorageScheme& scheme : storage_schemes()) names.emplace_back(scheme.name);
  // Only letters before "://" are certain not to be a secret.
  const std::size_t end = text.find("://");
  const std::string_view name = text.substr(0, end);
  const bool shown =
      end != std::string_view::npos && end <= 20 &&
      std::all_of(name.begin(), name.end(), [](char c) { return is_plain(c, "+-"); });
  const std::string what = shown ? "unknown scheme '" + std::string(name) + "'" +
                                       suggestion(canonical_scheme(name), names)
                                 : "it begins with no known scheme";
  return fail(ErrorCode::invalid_argument,
              "wrong storage URL: " + what + "; known are " + join(names, ", "));
}

}  // namespace

Result<StorageUrl> parse_storage_url(std::string_view text) {
  if (has_control(text)) {
    return fail(ErrorCode::invalid_argument,
                "wrong storage URL: it holds a control character (in a password write it as %XX)");
  }
  const std::size_t colon = text.find(':');
  if (colon != std::string_view::npos) {
    const std::string name = canonical_scheme(text.substr(0, colon));
    for (const StorageScheme& scheme : storage_schemes()) {
      if (scheme.name == name) return UrlParser(scheme, text.substr(colon + 1)).parse();
    }
  }
  return unknown_scheme(text);
}

std::string redact(const StorageUrl& url) {
  std::string text = std::string(scheme_of(url).name) + ":";
  if (url.kind == Kind::memory) return text;
  if (url.kind == Kind::sqlite) return text + url.path;
  text += "//";
  if (!url.user.empty()) text += percent_encode(url.user, "-._~") + "@";
  if (url.kind == Kind::redis_unix) {
    // After a user, an `@/` of the path would be taken for the end of the userinfo.
    const bool ambiguous = !url.user.empty() && url.path.find("@/") != std::string::npos;
    text += percent_encode(url.path, ambiguous ? "-._~/:" : "-._~/:@");
    return url.database == 0 ? text : text + "?db=" + std::to_string(url.database);
  }
  for (std::size_t i = 0; i < url.hosts.size(); ++i) {
    text += (i == 0 ? "" : ",") + host_text(url.hosts[i]);
  }
  if (url.kind == Kind::redis_sentinel) text += "/" + percent_encode(url.master, "-._~:");
  if (url.kind != Kind::redis_cluster) text += "/" + std::to_string(url.database);
  return text;
}

std::string redact_url(std::string_view text) {
  if (text.empty()) return {};
  if (const auto url = parse_storage_url(text)) return redact(*url);
  // In an invalid URL it is not known where a password ends, so only the scheme is shown.
  const std::size_t end = text.find("://");
  if (end == std::string_view::npos) return "***";
  const std::string scheme = canonical_scheme(text.substr(0, end));
  const auto schemes = storage_schemes();
  const bool known = std::any_of(schemes.begin(), schemes.end(),
                                 [&](const StorageScheme& s) { return s.name == scheme; });
  return known ? scheme + "://***" : "***";
}

Result<std::string> default_state_folder() {
  // The XDG base directory specification says to ignore a relative path.
  const auto state = environment("XDG_STATE_HOME");
  if (state && state->front() == '/') return below(*state, "rz");
  if (::geteuid() == 0) return std::string(kFolderOfRoot);
  if (const auto home = environment("HOME")) return below(*home, ".local/state/rz");
  return fail(ErrorCode::not_found, "neither XDG_STATE_HOME nor HOME is set");
}

Result<std::string> default_storage_url() {
  const auto folder = default_state_folder();
  if (folder) return "sqlite:" + *folder + "/rz.db";
  return fail_own_side(folder.error().code, "no place for the store: " + folder.error().message +
                                                "; set one, or name a store with --storage or "
                                                "RZ_STORAGE_URL");
}

std::optional<std::string> passed_by_store_of_root() {
  const auto folder = default_state_folder();
  if (!folder || *folder == kFolderOfRoot) return std::nullopt;
  // The folder alone is looked for: other users may have no right to see what is in it.
  if (::access(kFolderOfRoot, F_OK) != 0) return std::nullopt;
  return kFolderOfRoot;
}

}  // namespace rz::storage
