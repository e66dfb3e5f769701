// rz completion: completes commands in shells. The scripts of the shells only pass the words on;
// which words may follow comes from the tables of the programs, as their help tells them, so that a
// script that was installed once is never out of date.

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "programs.h"
#include "rz/base/json.h"
#include "rz/base/process.h"
#include "rz/base/text.h"
#include "rz/cli/help.h"
#include "rz/cli/program.h"
#include "rz/cli/programs.h"

namespace {

using namespace rz;

/// What stands in place of the words where files are meant.
constexpr std::string_view kFiles = ":files";

constexpr Millis kPatience{5'000};

/// Words that may stand at the end of a command line.
class Offers {
 public:
  explicit Offers(std::string_view begun) : begun_(begun) {}

  /// `prefix` stands before the word in the line, as `--format=` does.
  void add(const std::string& word, std::string_view about, const std::string& prefix = {}) {
    const std::string whole = prefix + word;
    if (!whole.starts_with(begun_) || !seen_.insert(whole).second) return;
    std::string line = whole;
    if (!about.empty()) line.append("\t").append(about.substr(0, about.find('\n')));
    lines_.push_back(std::move(line));
  }
  void add_files() { files_ = true; }

  std::vector<std::string> lines() const {
    std::vector<std::string> lines = lines_;
    if (files_) lines.emplace_back(kFiles);
    return lines;
  }

 private:
  std::string begun_;
  std::set<std::string> seen_;
  std::vector<std::string> lines_;
  bool files_ = false;
};

// The table of `rz-NAME`, as its help tells it; nothing of a program that is not installed.
std::optional<Value> table_of(const std::string& name) {
  std::error_code none;
  const auto self = std::filesystem::read_symlink("/proc/self/exe", none);
  const auto ran = run_process(
      {.argv = {(self.parent_path() / ("rz-" + name)).string(), "--help", "--format", "json"},
       .timeout = kPatience});
  if (!ran || ran->exit_code != 0) return std::nullopt;
  auto table = parse_json(ran->output);
  if (!table) return std::nullopt;
  return *std::move(table);
}

std::string text_of(const Value& row, const char* member) {
  const Value* value = row.find(member);
  const std::string* text = value ? value->as_string() : nullptr;
  return text ? *text : "";
}

const Value::Array& rows_of(const Value& table, const char* member) {
  static const Value::Array kNone;
  const Value* rows = table.find(member);
  return rows && rows->as_array() ? *rows->as_array() : kNone;
}

/// Reads a command line word by word, as far as it tells what the next one may be.
class Line {
 public:
  void take(const std::string& word) {
    if (pending_) {
      pending_.reset();
    } else if (ended_) {
      ++operands_;
    } else if (word == "--") {
      ended_ = true;
    } else if (word.size() > 1 && word[0] == '-') {
      take_option(word);
    } else if (word == "help" && !command_ && operands_ == 0 && !help_) {
      help_ = true;
    } else if (!table_) {
      table_ = table_of(is_program(word) ? word : "");
      unknown_ = !table_;
    } else if (!take_command(word)) {
      ++operands_;
    }
  }

  std::vector<std::string> offers(const std::string& begun) const {
    Offers offers(begun);
    const std::size_t sign = begun.find('=');
    if (unknown_) return {};
    if (pending_) {
      offer_values(*pending_, "", offers);
    } else if (!ended_ && begun.starts_with("--") && sign != std::string::npos) {
      const auto option = find_option(begun.substr(0, sign));
      if (option) offer_values(*option, begun.substr(0, sign + 1), offers);
    } else if (!ended_ && begun.starts_with('-')) {
      for (const Value& option : options()) {
        offers.add(text_of(option, "name"), text_of(option, "about"));
      }
    } else if (!table_) {
      for (const cli::ProgramName& one : cli::kPrograms) offers.add(one.name, one.summary);
      if (!help_) offers.add("help", "Help, also of a command");
    } else {
      offer_commands(offers);
      if (!help_) offer_operands(offers);
    }
    return offers.lines();
  }

 private:
  static bool is_program(const std::string& word) {
    return std::any_of(std::begin(cli::kPrograms), std::end(cli::kPrograms),
                       [&](const cli::ProgramName& one) { return word == one.name; });
  }

  void take_option(const std::string& word) {
    const auto option = find_option(word);
    if (!option || text_of(*option, "value").empty()) return;
    if (!*option->find("value_optional")->as_bool()) pending_ = option;
  }

  bool take_command(const std::string& word) {
    if (command_ || operands_ > 0) return false;
    for (const Value& command : rows_of(*table_, "commands")) {
      if (word.empty() || text_of(command, "name") != word) continue;
      command_ = command;
      return true;
    }
    return false;
  }

  /// The command that was named, or what the program does where none is.
  const Value* row() const {
    if (command_) return &*command_;
    if (!table_) return nullptr;
    for (const Value& command : rows_of(*table_, "commands")) {
      if (text_of(command, "name").empty()) return &command;
    }
    return nullptr;
  }

  // Those of the command, then those of all; before the program the latter are in no table yet.
  Value::Array options() const {
    static const Value kCommon = *parse_json(cli::help_as_json({"", "", "", {}}));
    Value::Array all;
    if (const Value* row = this->row()) all = rows_of(*row, "options");
    const Value::Array& common = rows_of(kCommon, "common_options");
    all.insert(all.end(), common.begin(), common.end());
    return all;
  }

  std::optional<Value> find_option(const std::string& word) const {
    for (const Value& option : options()) {
      if (text_of(option, "name") == word || text_of(option, "short") == word) return option;
    }
    return std::nullopt;
  }

  // `words`: as in the tables, `primary|safe`.
  static void offer_words(const std::string& words, const std::string& prefix, Offers& offers) {
    for (std::string_view word : split(words, '|')) {
      if (!word.empty()) offers.add(std::string(word), "", prefix);
    }
  }

  void offer_values(const Value& option, const std::string& prefix, Offers& offers) const {
    if (text_of(option, "value") == "FILE") offers.add_files();
    offer_words(text_of(option, "choices"), prefix, offers);
    offer_words(text_of(option, "words"), prefix, offers);
    const Value* row = this->row();
    if (text_of(option, "name") != "--format" || row == nullptr) return;
    for (const Value& format : rows_of(*row, "formats")) {
      offers.add(*format.as_string(), "", prefix);
    }
  }

  void offer_commands(Offers& offers) const {
    if (command_ || operands_ > 0 || ended_) return;
    for (const Value& command : rows_of(*table_, "commands")) {
      if (text_of(command, "name").empty()) continue;
      offers.add(text_of(command, "name"), text_of(command, "summary"));
    }
    if (!help_) offers.add("help", "Help, also of a command");
  }

  void offer_operands(Offers& offers) const {
    const Value* row = this->row();
    if (row == nullptr) return;
    const Value::Array& operands = rows_of(*row, "operands");
    if (operands.empty()) return;
    const Value& operand = operands[std::min(operands_, operands.size() - 1)];
    if (operands_ >= operands.size() && !*operand.find("many")->as_bool()) return;
    if (text_of(operand, "name") == "FILE") offers.add_files();
    offer_words(text_of(operand, "words"), "", offers);
  }

  std::optional<Value> table_;    ///< Of the program.
  std::optional<Value> command_;  ///< Its row, once it was named.
  std::optional<Value> pending_;  ///< The option whose value comes next.
  std::size_t operands_ = 0;
  bool help_ = false;
  bool ended_ = false;    ///< After `--`.
  bool unknown_ = false;  ///< A program of somebody else.
};

Result<int> words(cli::Context& context, const cli::Arguments& arguments) {
  const std::vector<std::string> words = arguments.operands("WORD");
  if (words.empty()) return cli::kYes;
  Line line;
  std::for_each(words.begin(), words.end() - 1, [&](const std::string& word) { line.take(word); });
  for (const std::string& offer : line.offers(words.back())) {
    context.out().raw(offer + "\n");
  }
  return cli::kYes;
}

// ---- The scripts

// Bash splits `--format=json` into three words, and replaces what stands behind the `=` alone.
constexpr std::string_view kBash = R"(# bash completion for rz, by 'rz completion bash'
_rz() {
  local -a words=()
  local word line joined='' i
  COMPREPLY=()
  for ((i = 1; i <= COMP_CWORD; i++)); do
    word=${COMP_WORDS[i]}
    if [[ $word == '=' && ${#words[@]} -gt 0 ]]; then
      words[-1]+='='
      joined=1
    elif [[ $joined ]]; then
      words[-1]+=$word
      joined=''
    else
      words+=("$word")
    fi
  done
  word=${words[-1]}
  while IFS= read -r line; do
    if [[ $line == ':files' ]]; then
      compopt -o filenames 2>/dev/null
      while IFS= read -r line; do COMPREPLY+=("$line"); done < <(compgen -f -- "${word#--*=}")
      continue
    fi
    line=${line%%$'\t'*}
    [[ $word == --*=* ]] && line=${line#*=}
    COMPREPLY+=("$line")
  done < <("${COMP_WORDS[0]}" completion words -- "${words[@]}" 2>/dev/null)
}
complete -F _rz rz
)";

constexpr std::string_view kZsh = R"(#compdef rz
# zsh completion for rz, by 'rz completion zsh'
_rz() {
  local -a lines described
  local line word files=''
  lines=("${(@f)$("${words[1]}" completion words -- "${(@)words[2,CURRENT]}" 2>/dev/null)}")
  for line in "${lines[@]}"; do
    if [[ $line == ':files' ]]; then
      files=1
    elif [[ -n $line ]]; then
      word=${line%%$'\t'*}
      described+=("${word//:/\\:}:${${line#$word}#$'\t'}")
    fi
  done
  (( ${#described} )) && _describe -V rz described
  [[ -n $files ]] && _files
}
if [[ "$funcstack[1]" == _rz ]]; then _rz "$@"; else compdef _rz rz; fi
)";

constexpr std::string_view kFish = R"(# fish completion for rz, by 'rz completion fish'
function __rz_complete
    set -l words (commandline -opc)
    set -l rz $words[1]
    set -e words[1]
    set -l current (commandline -ct)
    for line in ($rz completion words -- $words "$current" 2>/dev/null)
        if test "$line" = ':files'
            __fish_complete_path "$current"
        else
            echo $line
        end
    end
end
complete -c rz -f -a '(__rz_complete)'
)";

template <const std::string_view& kScript>
Result<int> script(cli::Context& context, const cli::Arguments&) {
  context.out().raw(kScript);
  return cli::kYes;
}

// ---- The commands

constexpr std::string_view kSchema = "rz.completion/1";

constexpr cli::Operand kWordsOperands[] = {{.name = "WORD",
                                            .about = "Those of the line; the last one is completed",
                                            .many = true,
                                            .may_be_empty = true}};

constexpr cli::Command kCommands[] = {
    {.name = "bash",
     .summary = "Print the script for bash",
     .examples = "eval \"$(rz completion bash)\"",
     .formats = cli::kText,
     .exits = "0 printed",
     .schema = kSchema,
     .run = script<kBash>},
    {.name = "zsh",
     .summary = "Print the script for zsh",
     .examples = "rz completion zsh > ~/.zfunc/_rz",
     .formats = cli::kText,
     .exits = "0 printed",
     .schema = kSchema,
     .run = script<kZsh>},
    {.name = "fish",
     .summary = "Print the script for fish",
     .examples = "rz completion fish | source",
     .formats = cli::kText,
     .exits = "0 printed",
     .schema = kSchema,
     .run = script<kFish>},
    {.name = "words",
     .summary = "Print what may stand at the end of a line, for the scripts",
     .examples = "rz completion words -- cascade set ''",
     .operands = kWordsOperands,
     .formats = cli::kText,
     .exits = "0 printed",
     .schema = kSchema,
     .run = words},
};

constexpr cli::Program kProgram = {.name = "rz completion",
                                   .summary = "Complete the commands of rz in a shell.",
                                   .examples =
                                       "eval \"$(rz completion bash)\"\n"
                                       "rz completion fish | source",
                                   .commands = kCommands};

const apps::Registered registered(kProgram);

}  // namespace
