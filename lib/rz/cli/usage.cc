#include "rz/cli/usage.h"

#include <algorithm>
#include <optional>

#include "rz/base/text.h"

namespace rz::cli {
namespace {

constexpr const char* kCommonGroup = "Common options";
constexpr std::size_t kHelpWidth = 80;

/// `text` in lines of at most kHelpWidth columns, each after `indent` blanks but the first.
std::string wrap(std::string_view text, std::size_t indent) {
  std::string wrapped;
  std::size_t column = indent;
  for (std::string_view word : split(text, ' ')) {
    if (column > indent && column + 1 + word.size() > kHelpWidth) {
      wrapped.append("\n").append(indent, ' ');
      column = indent;
    } else if (column > indent) {
      wrapped += ' ';
      ++column;
    }
    wrapped += word;
    column += word.size();
  }
  return wrapped;
}

std::string entry(std::string_view left, std::string_view right) {
  constexpr std::size_t kIndent = 2;
  constexpr std::size_t kColumn = 26;
  std::string line = std::string(kIndent, ' ').append(left);
  if (line.size() + 2 > kColumn) {
    line.append("\n").append(kColumn, ' ');
  } else {
    line.append(kColumn - line.size(), ' ');
  }
  return line.append(wrap(right, kColumn)).append("\n");
}

// To what it was given CLI11 adds what its validators check: `N:INT in [1 - 9]`.
std::string value_name(const CLI::Option& option) {
  const std::string type = option.get_type_name();
  return type.substr(0, type.find(':'));
}

/// CLI11's help in the order that people read: what it does, examples, usage, then the lists.
class HelpFormatter : public CLI::Formatter {
 public:
  std::string make_help(const CLI::App* app, std::string name, CLI::AppFormatMode) const override {
    if (const CLI::App* parent = app->get_parent())
      name = parent->get_name() + " " + app->get_name();
    std::string help = app->get_description() + "\n";
    help += make_usage(app, name) + make_commands(app) + make_positionals(app);
    for (const std::string& group : app->get_groups()) {
      if (group != kCommonGroup) help += make_options(app, group);
    }
    const CLI::App* top = app->get_parent() != nullptr ? app->get_parent() : app;
    return help + make_options(top, kCommonGroup);
  }

  std::string make_usage(const CLI::App* app, std::string name) const override {
    std::string usage = "\nUsage: " + name + " [OPTION]…";
    const auto commands = named_commands(app);
    if (!commands.empty())
      usage += app->get_require_subcommand_min() > 0 ? " COMMAND" : " [COMMAND]";
    for (const CLI::Option* option : positionals(app)) usage += " " + make_option_usage(option);
    return usage + "\n";
  }

  std::string make_option(const CLI::Option* option, bool is_positional) const override {
    std::string name = option->get_name(is_positional, true);
    std::replace(name.begin(), name.end(), ',', ' ');
    if (!is_positional && !option->get_type_name().empty()) name += " " + value_name(*option);
    return entry(name, option->get_description());
  }

  std::string make_positionals(const CLI::App* app) const override {
    std::string text;
    for (const CLI::Option* option : positionals(app)) text += make_option(option, true);
    return text.empty() ? text : "\nArguments:\n" + text;
  }

 private:
  static std::vector<const CLI::App*> named_commands(const CLI::App* app) {
    return app->get_subcommands([](const CLI::App* sub) { return !sub->get_name().empty(); });
  }

  static std::vector<const CLI::Option*> positionals(const CLI::App* app) {
    return app->get_options([](const CLI::Option* option) { return option->get_positional(); });
  }

  std::string make_commands(const CLI::App* app) const {
    std::string text;
    for (const CLI::App* sub : named_commands(app)) {
      const std::string description = sub->get_description();
      text += entry(sub->get_name(), description.substr(0, description.find('\n')));
    }
    return text.empty() ? text : "\nCommands:\n" + text;
  }

  std::string make_options(const CLI::App* app, const std::string& group) const {
    std::string text;
    for (const CLI::Option* option : app->get_options([&](const CLI::Option* o) {
           return o->nonpositional() && o->get_group() == group &&
                  (o != app->get_help_ptr() || group == kCommonGroup);
         })) {
      text += make_option(option, false);
    }
    return text.empty() ? text : "\n" + group + ":\n" + text;
  }
};

const CLI::App& deepest(const CLI::App& app) {
  const CLI::App* current = &app;
  while (true) {
    const auto parsed = current->get_subcommands();
    if (parsed.empty()) return *current;
    current = parsed.front();
  }
}

std::vector<std::string> option_names(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::App* current = &app; current != nullptr; current = current->get_parent()) {
    for (const CLI::Option* option : current->get_options()) {
      for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
    }
  }
  return names;
}

std::vector<std::string> command_names(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::App* sub : app.get_subcommands({})) names.push_back(sub->get_name());
  return names;
}

std::string unexpected(const CLI::App& app, const std::string& argument) {
  if (argument.size() > 1 && argument.front() == '-') {
    if (argument.find(' ') != std::string::npos) {
      return "'" + argument + "' looks like an option; put '--' before it if it is none";
    }
    const std::string flag = argument.substr(0, argument.find('='));
    return "unknown option '" + flag + "'" + suggestion(flag, option_names(app));
  }
  const auto commands = command_names(app);
  if (!commands.empty()) {
    const std::string near = suggestion(argument, commands);
    return "unknown command '" + argument + "'" +
           (near.empty() ? "; there are " + join(commands, ", ") : near);
  }
  return "unexpected argument '" + argument + "'";
}

// CLI11 says `1 required FILE missing` and `At Most 1 required but received 2`.
std::optional<std::string> wrong_count(const CLI::App& app, const CLI::ParseError& error) {
  if (dynamic_cast<const CLI::ArgumentMismatch*>(&error) == nullptr) return std::nullopt;
  const std::string told = error.what();
  const std::string name = told.substr(0, told.find(": "));
  for (const CLI::App* current = &app; current != nullptr; current = current->get_parent()) {
    const CLI::Option* option = current->get_option_no_throw(name);
    if (option == nullptr) continue;
    if (option->count() > 1) return name + " is given more than once, but has one value";
    return name + " needs a value: " + name + " " + value_name(*option);
  }
  return std::nullopt;
}

std::string lower_first(std::string text) {
  // A name in capitals stays one: EXPR.
  if (text.size() > 1 && text[1] == to_lower(text[1])) text[0] = to_lower(text[0]);
  return text;
}

}  // namespace

void add_common_options(CLI::App& app, const ProgramInfo& info, CommonOptions& options,
                        std::string& color) {
  app.formatter(std::make_shared<HelpFormatter>());
  std::string examples;
  for (std::string_view line : split(trim(info.examples), '\n')) {
    examples.append("\n  ").append(line);
  }
  app.description(info.summary + "\n\nExamples:" + examples);
  app.fallthrough();
  app.set_help_flag("-h,--help", "This help")->group(kCommonGroup);
  app.set_version_flag("--version", "", "The version")->group(kCommonGroup);
  app.add_option("--config", options.config,
                 "Configuration file (else RZ_CONFIG, the user's, /etc/rz/rz.yaml)")
      ->type_name("FILE")
      ->group(kCommonGroup);
  app.add_option("--storage", options.storage_url,
                 "Where state is kept (else RZ_STORAGE_URL, the configuration, an embedded file)")
      ->type_name("URL")
      ->group(kCommonGroup);
  app.add_option("--format", options.format, "Output: " + join(info.formats, ", "))
      ->type_name("FMT")
      ->check([formats = info.formats](const std::string& format) -> std::string {
        if (std::find(formats.begin(), formats.end(), format) != formats.end()) return "";
        return "unknown format '" + format + "'; known: " + join(formats, ", ");
      })
      ->group(kCommonGroup);
  app.add_option("--color", color, "auto, always or never")
      ->type_name("WHEN")
      ->check([](const std::string& when) -> std::string {
        return when == "auto" || when == "always" || when == "never"
                   ? ""
                   : "'" + when + "' is none of auto, always, never";
      })
      ->group(kCommonGroup);
  app.add_flag("-q,--quiet", options.quiet, "No warnings")->group(kCommonGroup);
  app.add_flag("-v,--verbose", options.verbose, "Say more on stderr; repeatable")
      ->group(kCommonGroup);
}

std::string usage_message(const CLI::App& app, const std::string& program,
                          const CLI::ParseError& error) {
  const CLI::App& where = deepest(app);
  const std::string path = &where == &app ? program : program + " " + where.get_name();
  const auto extras = app.remaining(true);
  std::string message;
  if (!extras.empty()) {
    message = unexpected(where, extras.front());
  } else if (dynamic_cast<const CLI::RequiredError*>(&error) != nullptr &&
             where.get_require_subcommand_min() > 0) {
    message = "a command is missing: " + join(command_names(where), ", ");
  } else {
    message = wrong_count(where, error).value_or(lower_first(error.what()));
  }
  // An argument's line break must not look like a message of its own.
  return printable(message) + "\nTry '" + path + " --help'.";
}

}  // namespace rz::cli
