#pragma once

#include <string_view>

/// What is fuzzed: each takes any bytes, and aborts where a promise is broken. libFuzzer calls them
/// (build preset `fuzz`), and the tests call them with the corpora in corpus/.
namespace rz::fuzz {

/// A condition: parsed, compiled, evaluated; the program and the tree answer the same, and printing
/// and parsing it again changes nothing.
void condition(std::string_view input);

/// NDJSON: every record is read as another reader of JSON reads it.
void ndjson(std::string_view input);

/// CSV: every record is read as a reader does that looks at one byte after the other.
void csv(std::string_view input);

/// What a Redis server answers, to single servers, sentinels and clusters: read the same however it
/// is cut, and no call of the store returns a value that was not sent whole.
void redis(std::string_view input);

/// The response of a server under load, behind a byte that says whether it is to HEAD: read the
/// same however it is cut, and never read as whole where it has a fault.
void response(std::string_view input);

/// The payload of a webhook: refused with a reason, or read as reports that can be stored.
void webhook(std::string_view input);

/// A request to the endpoint, as lines: method, target, accept, authorization, origin, whether it
/// is not local; then its body. What is unhealthy, old or withheld is never answered otherwise.
void serve(std::string_view input);

/// Ends the process, loudly, unless it holds.
void require(bool holds, const char* what);

}  // namespace rz::fuzz
