#include "rz/cond/filter/filter_records.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <rapidcheck.h>
#include <unistd.h>

#include <algorithm>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include "rz/base/file.h"
#include "rz/base/json.h"
#include "rz/cond/context_reader.h"
#include "support/temp_folder.h"

namespace rz::cond {
namespace {

/// Keeps what it is given.
class KeepingSink final : public FilterSink {
 public:
  void write(std::string_view bytes) override { written.append(bytes); }
  Result<void> flush(const FilterProgress& progress) override {
    CHECK(progress.records >= records);
    records = progress.records;
    if (fails) return fail(ErrorCode::unavailable, "no space");
    return {};
  }
  void bad_record(const Error& error) override { bad.push_back(to_string(error)); }

  void bad_file(const Error& error) override { files.push_back(to_string(error)); }

  std::string written;
  std::vector<std::string> bad;
  std::vector<std::string> files;
  std::uint64_t records = 0;
  bool fails = false;
};

struct Outcome {
  std::string written;
  std::vector<std::string> bad;
  FilterReport report;
  std::string error;
};

struct FilterRecordsFixture {
  TempFolder folder;
  FilterOptions options;
  ConditionOptions language;

  std::string file(const std::string& name, std::string_view content) {
    REQUIRE(write_file(folder / name, content).has_value());
    return folder / name;
  }

  Outcome run(std::string_view condition, const std::vector<std::string>& files) {
    const auto parsed = parse_condition(condition, language);
    REQUIRE(parsed.has_value());
    KeepingSink sink;
    const auto report = filter_records(*parsed, files, options, sink);
    Outcome outcome{sink.written, sink.bad, {}, ""};
    if (report) {
      outcome.report = *report;
    } else {
      outcome.error = to_string(report.error());
    }
    // A file that cannot be read is named there, too.
    for (const std::string& file : sink.files) {
      outcome.error += (outcome.error.empty() ? "" : "\n") + file;
    }
    CHECK((outcome.report.unread == sink.files.size() || !report));
    // The folder's name is another one in each run.
    const auto shorten = [&](std::string& text) {
      for (std::size_t at; (at = text.find(folder.path() + "/")) != std::string::npos;) {
        text.erase(at, folder.path().size() + 1);
      }
    };
    shorten(outcome.error);
    shorten(outcome.written);
    for (std::string& bad : outcome.bad) shorten(bad);
    return outcome;
  }

  std::string written(std::string_view condition, std::string_view content) {
    return run(condition, {file("f", content)}).written;
  }
};

constexpr const char* kThree =
    "{\"severity\":0.9,\"step\":1}\n{\"severity\":0.1,\"step\":2}\n\n{\"severity\":0.8,\"step\":3}"
    "\n";

using Strings = std::vector<std::string>;

}  // namespace

TEST_CASE_FIXTURE(FilterRecordsFixture, "records as they came, and how many there were") {
  const Outcome outcome = run("severity >= 0.8", {file("f", kThree)});
  CHECK(outcome.written == "{\"severity\":0.9,\"step\":1}\n{\"severity\":0.8,\"step\":3}\n");
  CHECK(outcome.report.records == 3);
  CHECK(outcome.report.matches == 2);
  CHECK(outcome.report.bad == 0);
  CHECK(written("step > 0", " {\"step\": 1} \r\n{\"step\":1}") ==
        " {\"step\": 1} \r\n{\"step\":1}\n");
  CHECK(written("step > 0", "\xef\xbb\xbf{\"step\":1}\n") == "{\"step\":1}\n");
  CHECK(written("step > 0", "").empty());
  CHECK(written("step > 0", "\n \r\n").empty());
}

TEST_CASE_FIXTURE(FilterRecordsFixture, "inverted, numbered, annotated, limited, counted") {
  options.line_numbers = true;
  CHECK(written("severity >= 0.8", kThree) ==
        "1:{\"severity\":0.9,\"step\":1}\n4:{\"severity\":0.8,\"step\":3}\n");
  CHECK(run("step == 3", {file("a", "{\"step\":1}\n"), file("b", kThree)}).written ==
        "b:4:{\"severity\":0.8,\"step\":3}\n");
  options.line_numbers = false;
  options.invert = true;
  CHECK(written("severity >= 0.8", kThree) == "{\"severity\":0.1,\"step\":2}\n");
  options.invert = false;
  options.annotate = true;
  CHECK(written("step > 1", "{\"step\":1}\n{ \"step\":2 }\r\n") ==
        "{\"step\":1,\"match\":false}\n{ \"step\":2 ,\"match\":true}\r\n");
  CHECK(written("always", "{}\n") == "{\"match\":true}\n");
  options.annotate = false;
  options.max_matches = 1;
  CHECK(written("severity >= 0.8", kThree) == "{\"severity\":0.9,\"step\":1}\n");
  CHECK(run("severity >= 0.8", {file("f", kThree)}).report.matches == 1);
  options.max_matches = 0;
  options.write_records = false;
  const Outcome counted = run("severity >= 0.8", {file("f", kThree)});
  CHECK(counted.written.empty());
  CHECK(counted.report.matches == 2);
}

TEST_CASE_FIXTURE(FilterRecordsFixture, "a limit ends the run before what is wrong behind it") {
  options.max_matches = 1;
  const Outcome outcome = run("step > 0", {file("f", "{\"step\":1}\nnonsense\n"), "no/such/file"});
  CHECK(outcome.written == "{\"step\":1}\n");
  CHECK(outcome.error.empty());
  options.annotate = true;
  CHECK(written("step > 1", "{\"step\":1}\n{\"step\":2}\n{\"step\":1}\n") ==
        "{\"step\":1,\"match\":false}\n{\"step\":2,\"match\":true}\n");
}

TEST_CASE_FIXTURE(FilterRecordsFixture,
                  "a limit counts across chunks, and nothing before it is lost") {
  options.chunk_size = 16;
  options.max_matches = 3;
  const std::string matches = "{\"step\":1}\n{\"step\":2}\n{\"step\":3}\n";
  for (const std::size_t size : {13, 24, 35, 1000}) {
    options.chunk_size = size;
    options.annotate = false;
    const Outcome outcome = run("step > 0", {file("f", matches + "nonsense\n")});
    CAPTURE(size);
    CHECK(outcome.error.empty());
    CHECK(outcome.written == matches);
    CHECK(outcome.report.matches == 3);
    options.annotate = true;
    CHECK(written("step > 1", "{\"step\":2}\n{\"step\":1}\n{\"step\":0}\n") ==
          "{\"step\":2,\"match\":true}\n{\"step\":1,\"match\":false}\n"
          "{\"step\":0,\"match\":false}\n");
  }
}

TEST_CASE_FIXTURE(FilterRecordsFixture,
                  "a bad record ends the run, is skipped, or does not match") {
  const std::string content =
      "{\"step\":1}\n{\"step\":2\n{\"step\":3}\n{\"step\":\"x\"}\n{\"severity\":1}\n{\"step\":4}\n";
  Outcome outcome = run("step > 0", {file("f", content)});
  CHECK(outcome.written == "{\"step\":1}\n");
  CHECK(outcome.error == "f:2:10: expected ',' or '}', but the line ends");

  options.on_bad = BadRecordPolicy::skip;
  outcome = run("step > 0", {file("f", content)});
  CHECK(outcome.written == "{\"step\":1}\n{\"step\":3}\n{\"step\":4}\n");
  CHECK(outcome.report.records == 6);
  CHECK(outcome.report.bad == 3);
  CHECK(outcome.bad == Strings{"f:2:10: expected ',' or '}', but the line ends",
                               "f:4:9: 'step' is a number, but its value here is a string",
                               "f:5: variable 'step' has no value"});

  options.on_bad = BadRecordPolicy::no_match;
  outcome = run("step > 0", {file("f", content)});
  CHECK(outcome.written == "{\"step\":1}\n{\"step\":3}\n{\"step\":4}\n");
  CHECK(outcome.bad.empty());
  options.invert = true;
  CHECK(run("step > 0", {file("f", content)}).written ==
        "{\"step\":2\n{\"step\":\"x\"}\n{\"severity\":1}\n");
  options.invert = false;
  options.annotate = true;
  // Each is answered, or named where it cannot be annotated.
  outcome =
      run("step > 0", {file("f", "{\"step\":1}\n{\"severity\":1}\n{\n{\"step\":\"x\"}\n[1]\n")});
  CHECK(outcome.written ==
        "{\"step\":1,\"match\":true}\n{\"severity\":1,\"match\":false}\n"
        "{\"step\":\"x\",\"match\":false}\n");
  CHECK(outcome.bad == Strings{"f:3:2: expected the name of a member, but the line ends",
                               "f:5:1: expected a JSON object, but this is an array"});
  CHECK(outcome.report.bad == 4);
}

TEST_CASE_FIXTURE(FilterRecordsFixture,
                  "random streams under annotation: every record has an answer or is named") {
  options.annotate = true;
  options.on_bad = BadRecordPolicy::no_match;
  CHECK(rc::check([this] {
    std::string content;
    const int count = *rc::gen::inRange(0, 30);
    for (int i = 0; i < count; ++i) {
      content += *rc::gen::element<std::string>(
                     "{\"step\":1}", "{}", "{\"step\":\"x\"}", "{\"step\":1e999}", "[1]", "\xff",
                     "x", "{\"step\":1,\"match\":1}", "{\"step\":18446744073709551615}",
                     "{\"a\":\"" + std::string(300, 'x') + "\"}") +
                 "\n";
    }
    options.chunk_size = static_cast<std::size_t>(*rc::gen::inRange(1, 400));
    options.max_record = 200;
    const Outcome outcome = run("step > 0", {file("f", content)});
    RC_ASSERT(outcome.error.empty());
    RC_ASSERT(outcome.report.records == static_cast<std::uint64_t>(count));
    const auto lines = std::count(outcome.written.begin(), outcome.written.end(), '\n');
    RC_LOG() << content << "written:\n" << outcome.written;
    RC_ASSERT(static_cast<std::size_t>(lines) + outcome.bad.size() ==
              static_cast<std::size_t>(count));
  }));
}

TEST_CASE_FIXTURE(FilterRecordsFixture,
                  "an annotation has the name that one wants, and is never there twice") {
  options.annotate = true;
  options.annotation = "is \"high\"";
  CHECK(written("step > 1", "{\"step\":2}\n") == "{\"step\":2,\"is \\\"high\\\"\":true}\n");
  options.annotation = "match";
  CHECK(run("step > 1", {file("f", "{\"step\":2,\"match\":1}\n")}).error ==
        "f:1: there is a member 'match' already; choose another name: --annotate=NAME");
  CHECK(run("step > 1", {file("f", "{\"step\":2,\"m\\u0061tch\":1}\n")}).error ==
        "f:1: there is a member 'match' already; choose another name: --annotate=NAME");
  options.format = RecordFormat::csv;
  CHECK(run("step > 1", {file("f", "step,match\n2,1\n")}).error ==
        "f:1: there is a column 'match' already; choose another name: --annotate=NAME");
  options.annotation = "a,b";
  CHECK(written("step > 1", "step,match\r\n2,1\r\n") == "step,match,\"a,b\"\r\n2,1,true\r\n");
}

TEST_CASE_FIXTURE(FilterRecordsFixture,
                  "a file that cannot be read is named, and the others are filtered") {
  const std::string good = file("good", "{\"step\":1}\n");
  for (const int threads : {1, 3}) {
    options.threads = threads;
    const Outcome outcome = run("step > 0", {folder / "none", good, folder.path(), good});
    CHECK(outcome.written == "{\"step\":1}\n{\"step\":1}\n");
    CHECK(outcome.report.unread == 2);
    CHECK(outcome.report.matches == 2);
  }
  CHECK(run("step > 0", {file("cut", "\x1f\x8b\x08"), good}).written == "{\"step\":1}\n");
  options.format = RecordFormat::csv;
  const Outcome outcome = run("step > 0", {file("empty", ""), file("a", "step\n1\n"),
                                           file("b", "other\n1\n"), file("c", "step\n2\n")});
  CHECK(outcome.written == "step\n1\n2\n");
  CHECK(outcome.error ==
        "empty:1: is empty; CSV begins with a header, the names of its columns\n"
        "b:1: no column is called 'step'; the columns are other");
}

TEST_CASE_FIXTURE(FilterRecordsFixture, "what an input is that is not what it was taken for") {
  const auto error = [&](std::string_view content) {
    return run("step > 0", {file("f", content)}).error;
  };
  CHECK(
      error("[{\"step\":1},{\"step\":2}]\n") ==
      "f:1:1: expected a JSON object, but this is an array; try \"jq -c '.[]'\" before this, which "
      "makes records of it");
  CHECK(error("{\n  \"step\": 1\n}\n") ==
        "f:1:2: expected the name of a member, but the line ends; a record stands on one line: try "
        "'jq -c .' before this");
  CHECK(error("name,step\na,1\n") ==
        "f:1:1: expected a JSON object, but there is 'n'; this looks like CSV: try --input csv");
  CHECK(error("\xff\xfe{\0\"\0") ==
        "f: is UTF-16; pipe the output of 'iconv -f UTF-16 -t UTF-8' into this");
  CHECK(error(std::string("{\0\"\0s\0\"\0:\0001\0}\0\n\0", 16)).starts_with("f: is UTF-16"));
  CHECK(error(std::string("\xfd\x37\x7a\x58\x5a\0\0\0", 8)) ==
        "f: is compressed with xz; pipe the output of 'xz -dc' into this");
  CHECK(error("BZh91AY").starts_with("f: is compressed with bzip2"));
  CHECK(error("PK\x03\x04zip").starts_with("f: is a ZIP archive"));
  options.format = RecordFormat::csv;
  CHECK(
      error("{\"step\":1}\n") ==
      "f:1: expected a header of CSV, but there is a quote inside a field that does not begin with "
      "one; this looks like NDJSON: try --input ndjson");
}

TEST_CASE_FIXTURE(FilterRecordsFixture, "CSV without a header, with comments, with short records") {
  options.format = RecordFormat::csv;
  options.comment = '#';
  language.variables.push_back({"c2", VariableType::number});
  language.variables.push_back({"eol-lts", VariableType::number});
  const std::string content = "# of \"today\nname,step\n#x\n\"a\nb\",1\n# \"\nc,2\n";
  for (const std::size_t size : {1, 3, 10, 1000}) {
    options.chunk_size = size;
    CAPTURE(size);
    CHECK(written("step > 1", content) == "name,step\nc,2\n");
    options.line_numbers = true;
    CHECK(written("step > 0", content) == "2:name,step\n4:\"a\nb\",1\n7:c,2\n");
    options.line_numbers = false;
  }
  CHECK(run("step > 1", {file("f", "# nothing\n")}).error ==
        "f:2: is empty; CSV begins with a header, the names of its columns");
  options.header = false;
  CHECK(written("c2 > 1", "# x\na,1\nb,2\n") == "b,2\n");
  CHECK(written("c2 > 1", "").empty());
  CHECK(run("step > 1", {file("f", "a,1\n")}).error ==
        "f:1: no column is called 'step'; the columns are c1, c2");
  options.header = true;
  options.fill = true;
  const std::string ragged = "name,step,eol-lts\na,1\nb,2,3\n";
  CHECK(run("`eol-lts` > 1", {file("f", ragged)}).error == "f:2: variable 'eol-lts' has no value");
  CHECK(written("has `eol-lts` and `eol-lts` > 1", ragged) == "name,step,eol-lts\nb,2,3\n");
  options.annotate = true;
  CHECK(written("step > 1", ragged) == "name,step,eol-lts,match\na,1,,false\nb,2,3,true\n");
  CHECK(run("step > 1", {file("f", "name,step\na,1,2\n")}).error ==
        "f:2:1: the number of fields is 3, but the header has 2");
}

TEST_CASE_FIXTURE(FilterRecordsFixture, "a column that is asked for with has may be missing") {
  options.format = RecordFormat::csv;
  CHECK(written("not has severity or severity > 1", "step\n1\n") == "step\n1\n");
  CHECK(written("has severity", "severity\n\n\"\"\n1\n") == "severity\n1\n");
}

TEST_CASE_FIXTURE(FilterRecordsFixture,
                  "the header comes as it stands, and the same names are the same header") {
  options.format = RecordFormat::csv;
  CHECK(written("step > 1", "step,s\r\n1,a\r\n2,b\r\n") == "step,s\r\n2,b\r\n");
  CHECK(run("step > 0", {file("a", "step,s\n1,a\n"), file("b", "\"step\",\"s\"\r\n5,a\r\n")})
            .written == "step,s\n1,a\n5,a\r\n");
}

namespace {

/// Standard input is a file for a while.
class FileAsStdin {
 public:
  explicit FileAsStdin(const std::string& path) : kept_(::dup(STDIN_FILENO)) {
    const int fd = ::open(path.c_str(), O_RDONLY);
    ::dup2(fd, STDIN_FILENO);
    ::close(fd);
  }
  ~FileAsStdin() {
    ::dup2(kept_, STDIN_FILENO);
    ::close(kept_);
  }

 private:
  int kept_;
};

}  // namespace

TEST_CASE_FIXTURE(FilterRecordsFixture,
                  "standard input is left right behind the last record that was taken") {
  const std::string first = "\xEF\xBB\xBF{\"step\":1}\n\n{\"step\":0}\n{\"step\":2}\r\n";
  const std::string rest = "{\"step\":0}\nnonsense\n{\"step\":3}";
  const std::string path = file("f", first + rest);
  for (const std::size_t size : {1, 7, 16, 30, 1000}) {
    for (const bool writes : {true, false}) {
      options.chunk_size = size;
      options.write_records = writes;
      options.max_matches = 2;
      const FileAsStdin in(path);
      CAPTURE(size);
      CHECK(run("step > 0", {"-"}).report.matches == 2);
      CHECK(::lseek(STDIN_FILENO, 0, SEEK_CUR) == static_cast<off_t>(first.size()));
      // Who goes on there has the rest; the last line has no end.
      options.on_bad = BadRecordPolicy::skip;
      options.max_matches = 1;
      CHECK(run("step == 3", {"-"}).report.matches == 1);
      CHECK(::lseek(STDIN_FILENO, 0, SEEK_CUR) == static_cast<off_t>(first.size() + rest.size()));
      options.on_bad = BadRecordPolicy::fail;
    }
  }
}

TEST_CASE_FIXTURE(FilterRecordsFixture, "a missing value can mean false") {
  options.missing_is_false = true;
  const Outcome outcome =
      run("not (step > 0)", {file("f", "{}\n{\"step\":null}\n{\"step\":0}\n{\"step\":1}\n")});
  CHECK(outcome.written == "{\"step\":0}\n");
  CHECK(outcome.error.empty());
}

TEST_CASE_FIXTURE(FilterRecordsFixture,
                  "a record that is too long is named, and the next one is read") {
  options.max_record = 100;
  options.chunk_size = 16;
  options.on_bad = BadRecordPolicy::skip;
  const std::string ends = "\"}\n{\"step\":1}\n";
  for (const std::size_t length : {80, 95, 101, 200, 5000}) {
    const Outcome outcome =
        run("true or step > 0",
            {file("f", "{\"step\":2}\n{\"x\":\"" + std::string(length, 'x') + ends)});
    CAPTURE(length);
    CHECK(outcome.report.records == 3);
    if (length + 9 > 100) {
      CHECK(outcome.written == "{\"step\":2}\n{\"step\":1}\n");
      REQUIRE(outcome.bad.size() == 1);
      CHECK(outcome.bad[0].starts_with("f:2"));
      CHECK(outcome.bad[0].ends_with(": this record is longer than 100 B"));
    } else {
      CHECK(outcome.bad.empty());
    }
  }
  // Also at the end of a file without a line feed.
  CHECK(run("step > 0", {file("f", std::string(5000, 'x'))}).bad ==
        Strings{"f:1: this record is longer than 100 B"});
}

TEST_CASE_FIXTURE(FilterRecordsFixture, "files that cannot be read, and output that fails") {
  CHECK(run("step > 0", {folder / "none"}).error ==
        "none: cannot be opened: No such file or directory");
  CHECK(run("step > 0", {file("f", "{\"step\":1}\n"), folder.path()})
            .error.ends_with(": is a folder"));
  CHECK(
      run("step > 0", {file("f", "{\"step\":1}\n"), folder / "none"}).error.starts_with("none: "));
  const auto condition = parse_condition("step > 0");
  KeepingSink sink;
  sink.fails = true;
  const auto report = filter_records(*condition, {file("f", kThree)}, options, sink);
  REQUIRE_FALSE(report.has_value());
  CHECK(report.error().message == "no space");
}

TEST_CASE_FIXTURE(FilterRecordsFixture, "CSV") {
  options.format = RecordFormat::csv;
  const std::string content = "name,step\r\n\"a,b\",1\r\nc,2\r\n\r\nd,3";
  CHECK(written("step >= 2", content) == "name,step\r\nc,2\r\nd,3\n");
  options.line_numbers = true;
  CHECK(written("step >= 2", content) == "1:name,step\r\n3:c,2\r\n5:d,3\n");
  options.line_numbers = false;
  options.annotate = true;
  CHECK(written("step >= 2", content) ==
        "name,step,match\r\n\"a,b\",1,false\r\nc,2,true\r\nd,3,true\n");
  options.annotate = false;
  CHECK(written("step >= 2", "\xef\xbb\xbf\"step\"\n2\n") == "\"step\"\n2\n");
  CHECK(run("step >= 2", {file("a", "step\n1\n2\n"), file("b", "step\n3\n")}).written ==
        "step\n2\n3\n");
  CHECK(run("step >= 2", {file("a", "step\n2\n"), file("b", "x,step\n3\n")}).error ==
        "b:1: its header is not that of a; filter the files one by one");
  CHECK(run("step >= 2", {file("f", "")}).error ==
        "f:1: is empty; CSV begins with a header, the names of its columns");
  CHECK(run("step >= 2", {file("f", "step,step\n")}).error == "f:1: two columns are named 'step'");
  CHECK(run("step >= 2", {file("f", "step\n1\nx\n")}).error ==
        "f:3:1: 'step' is a number, but its value here is 'x'");
  CHECK(run("step >= 2", {file("f", "name,step\n\"a\nb\",1\nc,x\n")}).error ==
        "f:4:3: 'step' is a number, but its value here is 'x'");
  options.delimiter = '\t';
  CHECK(written("step >= 2", "name\tstep\na,b\t2\n") == "name\tstep\na,b\t2\n");
}

TEST_CASE_FIXTURE(FilterRecordsFixture,
                  "a variable without a column is an error that names the columns") {
  options.format = RecordFormat::csv;
  CHECK(run("step >= 2", {file("f", "name,steps\na,1\n")}).error ==
        "f:1: no column is called 'step'; the columns are name, steps");
  options.missing_is_false = true;
  CHECK(run("step >= 2", {file("f", "name,steps\na,1\n")}).written == "name,steps\n");
}

// ---- against a reader that is slow and obviously right

namespace {

/// The answer for one line; nothing if it is bad.
std::optional<bool> slow_answer(const Condition& condition, const std::string& line) {
  const auto document = parse_json(line);
  if (!document || document->as_object() == nullptr) return std::nullopt;
  ConditionContext context;
  for (const Variable& variable : condition.variables()) {
    const Value* member = document->find(variable.name);
    if (member == nullptr) continue;
    const auto set = set_variables(context, {.variables = {variable}},
                                   Value::object({{variable.name, *member}}), "");
    if (!set) return std::nullopt;
  }
  const auto answer = condition.evaluate(context);
  return answer ? std::optional(*answer) : std::nullopt;
}

std::string random_number() {
  return *rc::gen::oneOf(
      rc::gen::map(rc::gen::inRange(-20, 20), [](int n) { return std::to_string(n); }),
      rc::gen::map(rc::gen::inRange(-2000, 2000),
                   [](int n) { return to_json(Value(static_cast<double>(n) / 1000)); }),
      rc::gen::element<std::string>("9007199254740993", "-0.0", "1e3", "12345678.25", "0.5E-2"));
}

std::string random_value() {
  switch (*rc::gen::inRange(0, 8)) {
    case 0: return *rc::gen::element<std::string>("true", "false", "null");
    case 1: return to_json(Value(*rc::gen::string<std::string>()));
    case 2: return *rc::gen::element<std::string>("\"\\u00e9\\n\"", "\"Größe\"", "\"{}\\\"\"");
    case 3:
      return *rc::gen::element<std::string>("[]", "{}", "[1,{\"step\":[2]}]", "{\"a\":\"}\"}");
    default: return random_number();
  }
}

std::string random_record() {
  static const std::vector<std::string> kNames = {"severity", "step", "host", "severit\\u0079"};
  const std::string space = *rc::gen::element<std::string>("", "", " ");
  std::string record = "{" + space;
  const int count = *rc::gen::inRange(0, 5);
  for (int i = 0; i < count; ++i) {
    if (i > 0) record += "," + space;
    // The usual members with the usual values, mostly.
    const bool usual = *rc::gen::inRange(0, 4) > 0;
    const std::string name = usual && i < 3 ? kNames[i] : *rc::gen::elementOf(kNames);
    record += "\"" + name + "\":" + space + (usual ? random_number() : random_value());
  }
  return record + space + "}" + *rc::gen::element<std::string>("", "", "\r");
}

std::string with_fault(std::string record) {
  const auto at = static_cast<std::size_t>(*rc::gen::inRange(0, static_cast<int>(record.size())));
  switch (*rc::gen::inRange(0, 7)) {
    case 0: return record.erase(at, 1);
    case 1: return record.insert(at, *rc::gen::element<std::string>("}", "{", "\"", ",", "x", " "));
    case 2: return record.insert(at, "\xff");
    case 3: return record + record;
    case 4: return record.substr(0, at);
    case 5:
      return *rc::gen::element<std::string>("[]", "1", "null", "\"x\"", "{\"step\":1e999}", "");
    default: return record + "}";
  }
}

}  // namespace

TEST_CASE_FIXTURE(FilterRecordsFixture, "streams with faults: every good record, and no bad one") {
  CHECK(rc::check([this] {
    const auto condition = parse_condition(
        *rc::gen::element<std::string>("severity >= 0.5", "severity > 0 and step < 3",
                                       "step == 2 or severity < 0.2", "step > -5"));
    RC_ASSERT(condition.has_value());
    std::string content;
    std::string expected;
    std::string bad;
    FilterReport report;
    const int count = *rc::gen::inRange(0, 40);
    for (int i = 0; i < count; ++i) {
      std::string line = random_record();
      if (*rc::gen::inRange(0, 4) == 0) line = with_fault(line);
      content += line + "\n";
      if (line.find_first_not_of(" \t\r") == std::string::npos) continue;
      ++report.records;
      const auto answer = slow_answer(*condition, line);
      if (!answer) {
        ++report.bad;
        bad += line + "\n";
      }
      if (!answer.value_or(false)) continue;
      expected += line + "\n";
      ++report.matches;
    }
    FilterOptions with;
    with.on_bad = BadRecordPolicy::skip;
    with.chunk_size = static_cast<std::size_t>(*rc::gen::inRange(1, 400));
    with.threads = *rc::gen::inRange(1, 4);
    KeepingSink sink;
    const auto found = filter_records(*condition, {file("f", content)}, with, sink);
    RC_ASSERT(found.has_value());
    RC_LOG() << condition->text() << "\n" << content << "bad:\n" << bad;
    for (const std::string& error : sink.bad) RC_LOG() << error << "\n";
    RC_ASSERT(sink.written == expected);
    RC_ASSERT(found->records == report.records);
    RC_ASSERT(found->matches == report.matches);
    RC_ASSERT(found->bad == report.bad);
    RC_ASSERT(sink.bad.size() == report.bad);
  }));
}

TEST_CASE_FIXTURE(FilterRecordsFixture, "CSV in chunks of any size") {
  std::string content = "host,step,note\n";
  std::string expected = content;
  for (int i = 0; i < 300; ++i) {
    const std::string note = i % 7 == 0   ? "\"a \"\"quoted\"\"\nnote, of two lines\""
                             : i % 3 == 0 ? "\"\""
                                          : "plain";
    const std::string record =
        "h" + std::to_string(i) + "," + std::to_string(i % 10) + "," + note + "\n";
    content += record;
    if (i % 10 >= 5) expected += record;
  }
  const std::string path = file("f", content);
  options.format = RecordFormat::csv;
  for (const std::size_t size : {1, 2, 3, 10, 63, 64, 65, 100, 1000, 10'000, 100'000}) {
    for (const int threads : {1, 3}) {
      options.chunk_size = size;
      options.threads = threads;
      const Outcome outcome = run("step >= 5", {path});
      CAPTURE(size);
      CHECK(outcome.error.empty());
      CHECK(outcome.written == expected);
      CHECK(outcome.report.records == 300);
    }
  }
}

}  // namespace rz::cond
