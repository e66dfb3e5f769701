#include "rz/bench/http/load_options.h"

#include "rz/base/text.h"
#include "rz/bench/http/load_request.h"
#include "rz/bench/http/threshold.h"
#include "rz/net/net_fields.h"
#include "rz/net/url.h"

namespace rz::bench {
namespace {

constexpr Choice<Arrivals> kArrivals[] = {{"constant", Arrivals::constant},
                                          {"poisson", Arrivals::poisson}};

// `Name: value`; the value may be a secret, so no message quotes it.
void visit_load_headers(FieldVisitor& fields, const Field& field, LoadHeaders& headers) {
  std::vector<std::string> lines;
  fields.texts(field, lines);
  for (const std::string& line : lines) {
    auto header = parse_header(line);
    if (!header) {
      fields.error(field.key, "an entry is " + header.error().message);
      continue;
    }
    headers.push_back(*std::move(header));
  }
}

void visit_load_endpoint(FieldVisitor& fields, LoadEndpoint& endpoint) {
  fields.text({"name", "What reports call it. Default: its method and path.", "read"},
              endpoint.name);
  const bool method = fields.text({.key = "method",
                                   .sentence = "How it is asked for.",
                                   .when_empty = "is empty; write it like GET"},
                                  endpoint.method);
  const bool path = fields.text({.key = "path",
                                 .sentence = "The path, and a query, percent-encoded.",
                                 .example = "/items?limit=10",
                                 .when_empty = "is empty; write it like /"},
                                endpoint.path);
  if (method || path) {
    if (const auto right = check_endpoint(endpoint); !right) {
      fields.error(path ? "path" : "method", right.error().message);
    }
  }
  fields.integer({"weight", "How many of all requests it has, in proportion to the others'."},
                 endpoint.weight, {1, 1'000});
  visit_load_headers(fields,
                     {"headers", "What is sent with it.", R"(["Content-Type: application/json"])"},
                     endpoint.headers);
  fields.text({"body", "What is sent as the body.", R"('{"q": 1}')"}, endpoint.body);
}

void visit_load_pace(FieldVisitor& fields, LoadOptions& options) {
  fields.duration({"duration", "How long requests are sent, after the warm-up."}, options.duration,
                  kLoadDurations);
  fields.duration({"warm_up", "How long requests are sent before, which are not measured."},
                  options.warm_up, {Millis{0}, kLoadDurations.max});
  fields.integer({"requests", "The run ends earlier after so many.", "100000"}, options.requests,
                 kLoadRequests);
  fields.number({"rate",
                 "How many requests a second are sent, whether earlier ones were answered or not. "
                 "Without it each connection sends the next one when it has the answer.",
                 "1000"},
                options.rate, kLoadRates);
  const bool ramp = fields.number(
      {"end_rate", "The rate at the end, if it is to rise or fall evenly up to there.", "5000"},
      options.end_rate, kLoadRates);
  if (ramp && !options.rate) fields.error("end_rate", "needs 'rate' beside it, where it begins");
  fields.choice({"arrivals",
                 "Whether requests are sent at even distances, or as independent people send them "
                 "(poisson)."},
                options.arrivals, std::span<const Choice<Arrivals>>(kArrivals));
  fields.integer({"queue",
                  "How many requests may wait for a connection; further ones are dropped. Default: "
                  "as many as can be on their way.",
                  "100"},
                 options.queue, {0, 1'000'000});
}

}  // namespace

void visit_fields(FieldVisitor& fields, LoadOptions& options) {
  const bool url = fields.url({.key = "url",
                               .sentence = "The server. It must be this machine's loopback, unless "
                                           "--allow-remote is given.",
                               .example = "http://127.0.0.1:8080"},
                              options.url);
  if (url) {
    if (const auto target = parse_load_target(options.url); !target) {
      fields.value_error("url", target.error().message, "is not a URL for a load");
    }
  }
  fields.list({"endpoints", "What is asked for. Default: the path of the URL, by GET."},
              [&](FieldVisitor& entry) {
                LoadEndpoint endpoint;
                visit_load_endpoint(entry, endpoint);
                options.endpoints.push_back(std::move(endpoint));
              });
  visit_load_headers(
      fields,
      {"headers", "What is sent with every request.", R"(["Authorization: Bearer ${TOKEN}"])"},
      options.headers);
  fields.integer({"connections", "How many connections there are."}, options.connections,
                 kLoadConnections);
  fields.integer({"streams", "How many requests one connection of HTTP/2 has on its way at most."},
                 options.streams, kLoadStreams);
  visit_load_pace(fields, options);
  fields.duration({"timeout", "How long an answer may take, from when its request is sent."},
                  options.timeout, kLoadTimeouts);
  fields.boolean({"keep_alive",
                  "Whether connections are used again. Otherwise each request has one of its own."},
                 options.keep_alive);
  fields.boolean({"http2", "Whether HTTP/2 is spoken; without TLS, without asking first."},
                 options.http2);
  fields.section({"tls", "For https. The files are in PEM format."}, [&](FieldVisitor& tls) {
    net::visit_tls(tls, options.tls, "the load goes to whatever answers at that address");
  });
  std::vector<std::string> thresholds;
  fields.texts({"thresholds", "What the run must meet, or it answers no.",
                R"(["p95<500ms", "error_rate<1%"])"},
               thresholds);
  for (const std::string& text : thresholds) {
    if (const auto parsed = parse_threshold(text); !parsed) {
      fields.error("thresholds", parsed.error().message);
      continue;
    }
    options.thresholds.push_back(text);
  }
}

}  // namespace rz::bench
