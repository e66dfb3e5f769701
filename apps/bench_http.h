#pragma once

#include "rz/base/result.h"
#include "rz/bench/http/load_options.h"
#include "rz/cli/command.h"
#include "rz/cli/program.h"

namespace rz {

/// `rz bench http`: puts a server under load, and answers whether it met what was asked of it.
Result<int> run_http_load(cli::Context& context, const cli::Arguments& arguments);

/// Its options.
inline constexpr cli::Option kHttpLoadOptions[] = {
    {.name = "--url",
     .value = "URL",
     .about = "The server, http or https; else bench.http of the configuration"},
    {.name = "--connections",
     .short_name = "-c",
     .value = "N",
     .about = "How many connections (10)",
     .min = bench::kLoadConnections.min,
     .max = bench::kLoadConnections.max},
    {.name = "--duration",
     .short_name = "-d",
     .value = "D",
     .about = "How long requests are sent (10s)"},
    {.name = "--requests",
     .short_name = "-n",
     .value = "N",
     .about = "So many, however long they take; with -d the run ends at the earlier",
     .min = bench::kLoadRequests.min,
     .max = bench::kLoadRequests.max},
    {.name = "--rate",
     .value = "R",
     .about = "Requests a second, answered or not: an open loop; A..B is a ramp"},
    {.name = "--arrivals",
     .value = "HOW",
     .about = "Whether an open loop sends at even distances (constant)",
     .choices = "constant|poisson"},
    {.name = "--queue",
     .value = "N",
     .about = "How many requests may wait for a connection; others are dropped",
     .min = 0,
     .max = 1'000'000},
    {.name = "--warm-up", .value = "D", .about = "Sent before, and not measured"},
    {.name = "--timeout", .value = "D", .about = "For an answer (5s)"},
    {.name = "--method", .value = "M", .about = "GET, or POST with a body"},
    {.name = "--header",
     .value = "LINE",
     .about = "Sent with every request: 'Name: value'",
     .repeatable = true},
    {.name = "--body", .value = "TEXT", .about = "What is sent as the body", .may_be_empty = true},
    {.name = "--body-file", .value = "FILE", .about = "The same from a file, or - (stdin)"},
    {.name = "--no-keepalive", .about = "A connection for each request"},
    {.name = "--http2", .about = "HTTP/2; without TLS, without asking first"},
    {.name = "--streams",
     .value = "N",
     .about = "Requests at a time on a connection of HTTP/2 (1)",
     .min = bench::kLoadStreams.min,
     .max = bench::kLoadStreams.max},
    {.name = "--ca", .value = "FILE", .about = "Trusted authorities, for https"},
    {.name = "--insecure", .about = "Certificates are not verified"},
    {.name = "--threshold",
     .value = "GOAL",
     .about = "Must hold, or the answer is no: 'p95<500ms', 'error_rate<1%'",
     .repeatable = true},
    {.name = "--find-max",
     .value = "GOAL",
     .about = "Finds the highest rate at which this holds: 'p99<50ms'",
     .repeatable = true},
    {.name = "--max-rate", .value = "R", .about = "Where that search ends (100000)"},
    {.name = "--save", .value = "FILE", .about = "Keep the run, for rz bench report"},
    {.name = "--allow-remote", .about = "The server may be on another machine"},
};

}  // namespace rz
