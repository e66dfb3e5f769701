// Node.js reads the same bytes: what it refuses, rz's scanner does not take, and what both take,
// both take in the same way.

#include <doctest/doctest.h>

#include <array>
#include <cstdint>
#include <cstdlib>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "rz/base/file.h"
#include "rz/base/text.h"
#include "rz/bench/http/response_scanner.h"
#include "support/paths.h"
#include "support/results.h"
#include "support/server_process.h"
#include "support/temp_folder.h"

namespace rz::bench {
namespace {

/// RZ_NODE_SEED and RZ_NODE_INPUTS make it another search, or a longer one.
std::int64_t from_environment(const char* name, std::int64_t otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : parse_int(text).value_or(otherwise);
}

struct NodeCase {
  bool to_head = false;
  std::string bytes;
};

/// Makes responses of pieces that are mostly right, and then harms some of them.
class ResponseMaker {
 public:
  explicit ResponseMaker(unsigned seed) : random_(seed) {}

  NodeCase make() {
    NodeCase made;
    made.to_head = one_in(8);
    if (one_in(6)) made.bytes += "HTTP/1.1 103 Early Hints\r\nLink: </style>\r\n\r\n";
    if (one_in(10)) made.bytes += "HTTP/1.1 100 Continue\r\n\r\n";
    made.bytes += pick({"HTTP/1.1 200 OK\r\n", "HTTP/1.1 200 OK\r\n", "HTTP/1.0 200 OK\r\n",
                        "HTTP/1.1 204 No Content\r\n", "HTTP/1.1 304 Not Modified\r\n",
                        "HTTP/1.1 500 \r\n", "HTTP/1.1 404\r\n", "HTTP/1.1 101 Switching\r\n",
                        "HTTP/1.1 600 Odd\r\n", "HTTP/1.2 200 OK\r\n"});
    for (int i = 0; i < 2; ++i) made.bytes += pick(kHeaders);
    made.bytes += "\r\n";
    for (int i = 0; i < 3; ++i) made.bytes += pick(kBodies);
    const int harms = one_in(3) ? 0 : 1 + static_cast<int>(random_() % 3);
    for (int i = 0; i < harms; ++i) harm(made.bytes);
    return made;
  }

 private:
  using Pieces = std::vector<std::string_view>;

  bool one_in(unsigned n) { return random_() % n == 0; }
  std::string_view pick(const Pieces& pieces) { return pieces[random_() % pieces.size()]; }

  void harm(std::string& bytes) {
    if (bytes.empty()) return;
    const std::size_t at = random_() % bytes.size();
    switch (random_() % 4) {
      case 0: bytes.erase(at, 1); break;
      case 1:
        bytes.insert(at, pick({"\r", "\n", "\r\n", " ", "\t", ":", ",", ";", "0", "5"}));
        break;
      case 2: bytes[at] = static_cast<char>(random_() % 256); break;
      default: bytes.resize(at);
    }
  }

  static const Pieces kHeaders;
  static const Pieces kBodies;
  std::mt19937 random_;
};

const ResponseMaker::Pieces ResponseMaker::kHeaders = {
    "Server: nginx/1.22.1\r\n",
    "X-Tab: a\tb\r\n",
    "X-Empty:\r\n",
    "X-Latin: \xE4\xF6\r\n",
    "Connection: close\r\n",
    "Connection: keep-alive\r\n",
    "Connection: keep-alive, foo\r\n",
    "Content-Length: 5\r\n",
    "Content-Length: 5\r\n",
    "content-length:0\r\n",
    "Content-Length: 5 \r\n",
    "Content-Length: 5, 5\r\n",
    "Content-Length: +5\r\n",
    "Content-Length: 18446744073709551617\r\n",
    "Transfer-Encoding: chunked\r\n",
    "Transfer-Encoding: chunked\r\n",
    "Transfer-Encoding: gzip, chunked\r\n",
    "Transfer-Encoding: chunked, gzip\r\n",
    "Transfer-Encoding: identity\r\n",
    "Upgrade: h2c\r\n",
    "Connection: upgrade\r\n",
    "X: folded\r\n on\r\n",
    "Bad Name: x\r\n",
};

const ResponseMaker::Pieces ResponseMaker::kBodies = {
    "hello",
    "5\r\nhello\r\n",
    "0\r\n\r\n",
    "0\r\nX-Sum: 1\r\n\r\n",
    "a;x=1\r\n0123456789\r\n",
    "5;\"q\"\r\nhello\r\n",
    "00005;a\r\nhello\r\n",
    "1\r\nxy\r\n",
    "ffffffffffffffff\r\n",
    "",
};

/// As node_parser.js says it; `refused` where the scanner has found a fault.
std::string scanned_as_node(const NodeCase& input) {
  ResponseScanner scanner;
  scanner.begin(input.to_head);
  const std::size_t used = scanner.feed(input.bytes);
  if (scanner.fault() != ResponseFault::none) return "refused";
  const bool at_once = scanner.is_complete();
  if (!at_once && !scanner.close()) return "open";
  return "complete " + std::to_string(scanner.status()) + " " +
         (at_once ? std::to_string(used) : "-1");
}

std::vector<std::string> read_by_node(const std::vector<NodeCase>& inputs) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string lines;
  for (const NodeCase& input : inputs) {
    lines += input.to_head ? 'h' : 'g';
    for (const char c : input.bytes) {
      lines += kDigits[static_cast<unsigned char>(c) >> 4];
      lines += kDigits[static_cast<unsigned char>(c) & 15];
    }
    lines += '\n';
  }
  const TempFolder folder;
  ok(write_file(folder / "inputs", lines));
  test::run_as(
      0,
      {"/usr/bin/node", "--no-warnings", test::source_dir() + "/tests/bench/http/node_parser.js",
       folder / "inputs", folder / "answers"},
      folder / "log");
  const std::string text = ok(read_file(folder / "answers", 64 << 20));
  std::vector<std::string> answers;
  for (const std::string_view line : split(text, '\n')) answers.emplace_back(line);
  answers.pop_back();
  return answers;
}

TEST_CASE("what the scanner takes, Node.js takes in the same way") {
  const std::int64_t seed = from_environment("RZ_NODE_SEED", 20'251'127);
  const std::int64_t count = from_environment("RZ_NODE_INPUTS", 6'000);
  CAPTURE(seed);
  ResponseMaker maker(static_cast<unsigned>(seed));
  std::vector<NodeCase> inputs;
  for (std::int64_t i = 0; i < count; ++i) inputs.push_back(maker.make());
  const auto answers = read_by_node(inputs);
  REQUIRE(answers.size() == inputs.size());
  std::int64_t taken = 0;
  std::int64_t both_refuse = 0;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const std::string ours = scanned_as_node(inputs[i]);
    CAPTURE(printable(inputs[i].bytes));
    CAPTURE(inputs[i].to_head);
    if (ours == "refused") {
      both_refuse += answers[i] == "error";
      continue;
    }
    // Where bytes are missing, Node.js may see earlier that they would be of no use.
    if (ours == "open") {
      CHECK((answers[i] == "open" || answers[i] == "error"));
      continue;
    }
    CHECK(ours == answers[i]);
    ++taken;
  }
  // Otherwise the inputs would compare nothing.
  CHECK(taken > count / 10);
  CHECK(both_refuse > count / 10);
}

}  // namespace
}  // namespace rz::bench
