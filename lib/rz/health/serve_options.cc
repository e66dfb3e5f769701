#include "rz/health/serve_options.h"

#include <optional>
#include <set>

#include "rz/base/duration.h"
#include "rz/base/text.h"
#include "rz/health/webhook/webhook.h"
#include "rz/net/listen_address.h"

namespace rz::health {
namespace {

constexpr Choice<Details> kDetails[] = {{"always", Details::always}, {"token", Details::token}};

void visit_listen(FieldVisitor& fields, ServeOptions& options) {
  const Field field = {"listen",
                       "Where it listens: host:port, [v6]:port or unix:/path. --listen and sockets "
                       "that systemd hands over outrank it."};
  if (!fields.texts(field, options.listen)) return;
  if (options.listen.empty()) fields.error("listen", "is empty; name an address");
  std::set<std::string> known;
  for (const std::string& address : options.listen) {
    const auto parsed = net::parse_listen_address(address);
    if (!parsed) {
      fields.value_error("listen", parsed.error().message, "is not an address to listen on");
    } else if (!known.insert(net::to_string(*parsed)).second) {
      fields.value_error("listen", "'" + printable(address) + "' is listed twice; keep one",
                         "is listed twice");
    }
  }
}

void visit_ages(FieldVisitor& fields, ServeOptions& options) {
  constexpr Millis kDay = std::chrono::hours{24};
  fields.duration(
      {"refresh", "How often the checks are run. A run begins when the one before has ended."},
      options.refresh, {Millis{100}, kDay});
  fields.duration(
      {"max_age", "How old results may be. What is older is answered as unknown, with 503."},
      options.max_age, {Millis{100}, kDay});
  if (options.max_age < options.refresh) {
    fields.error(fields.has("max_age") ? "max_age" : "refresh",
                 "results would be too old before they are refreshed: max_age is " +
                     format_duration(options.max_age) + ", refresh " +
                     format_duration(options.refresh));
  }
}

void visit_token(FieldVisitor& fields, ServeOptions& options) {
  fields.secret({"token_file",
                 "A file with the token of Authorization: Bearer. The webhooks ask for it. Without "
                 "one they are taken on loopback addresses and unix sockets alone.",
                 "/run/secrets/token"},
                options.token, "RZ_SERVE_TOKEN");
  if (printable(options.token) != options.token || options.token.find(' ') != std::string::npos) {
    fields.error("token_file", "the token holds a blank or a character that no header can have");
  }
  fields.choice<Details>({"details",
                          "Who is told messages and measurements on / and /health: always, or "
                          "those with the token alone."},
                         options.details, kDetails);
  if (options.details == Details::token && options.token.empty()) {
    fields.error("details", "token needs 'token_file' beside it");
  }
}

void visit_size(FieldVisitor& fields, const Field& field, std::uint64_t& option,
                Range<std::uint64_t> range) {
  std::optional<std::uint64_t> read = option;
  if (fields.size(field, read) && (*read < range.min || *read > range.max)) {
    fields.error(field.key,
                 "must be from " + humanize_size(range.min) + " to " + humanize_size(range.max));
    return;
  }
  option = *read;
}

void visit_limits(FieldVisitor& fields, ServeOptions& options) {
  fields.integer({"max_connections",
                  "How many connections there are at most. For a further one, that which has "
                  "waited longest without a whole request is closed."},
                 options.max_connections, {4, 10'000});
  fields.integer({"max_connections_per_client",
                  "The same for one address, or one /64 of IPv6. Unix sockets have no such limit."},
                 options.max_connections_per_client, {1, 10'000});
  visit_size(fields, {"max_header_size", "The largest request line with its headers."},
             options.max_header_size, {1024, 1024 * 1024});
  visit_size(fields, {"max_body_size", "The largest body of a request."}, options.max_body_size,
             {1, kMaxPayloadBytes});
  fields.duration({"request_timeout",
                   "How long a request may take to arrive, and after that its answer to be read."},
                  options.request_timeout, {Millis{100}, Millis{600'000}});
  fields.duration({"idle_timeout", "How long a connection may wait for its next request."},
                  options.idle_timeout, {Millis{100}, Millis{600'000}});
}

}  // namespace

void visit_fields(FieldVisitor& fields, ServeOptions& options) {
  visit_listen(fields, options);
  visit_ages(fields, options);
  const Field degraded = {"degraded_http",
                          "The status code that degraded has on /health and /ready: 200 or 503."};
  if (fields.integer(degraded, options.degraded_http, {200, 503}) && options.degraded_http != 200 &&
      options.degraded_http != 503) {
    fields.error("degraded_http", "must be 200 or 503");
  }
  visit_token(fields, options);
  fields.duration(
      {"drain", "How long it answers 503 on /ready after SIGTERM before it stops to listen."},
      options.drain, {Millis{0}, Millis{600'000}});
  visit_limits(fields, options);
}

}  // namespace rz::health
