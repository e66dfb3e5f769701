#pragma once

#include "rz/cli/program.h"

/// A program with one of each kind of thing that a command line can have.
namespace rz::testing {

inline Result<int> say_yes(cli::Context&, const cli::Arguments&) { return cli::kYes; }

// Prints what it was given.
inline Result<int> echo(cli::Context& context, const cli::Arguments& arguments) {
  cli::Output& out = context.out();
  out.line("NAME " + arguments.operand("NAME").value_or("(none)"));
  for (const std::string& more : arguments.operands("MORE")) out.line("MORE " + more);
  if (arguments.has("--mode")) out.line("--mode " + arguments.text("--mode"));
  for (const std::string& tag : arguments.all("--tag")) out.line("--tag " + tag);
  if (arguments.has("--count")) out.line("--count");
  if (arguments.has("--annotate")) out.line("--annotate " + arguments.text("--annotate"));
  out.line("--level " + std::to_string(*arguments.number("--level")));
  if (context.options().verbose > 0) {
    out.line("-v " + std::to_string(context.options().verbose));
  }
  return cli::kYes;
}

inline constexpr cli::Option kDemoOptions[] = {
    {.name = "--size",
     .value = "N",
     .about = "How many; a description that is long enough to be wrapped",
     .min = 1,
     .max = 9},
    {.name = "--dry-run", .about = "Change nothing"}};
inline constexpr cli::Operand kOpenOperands[] = {
    {.name = "NAME", .about = "What to open", .required = true},
    {.name = "MORE", .about = "What else", .many = true}};
inline constexpr cli::Option kOpenOptions[] = {
    {.name = "--mode", .short_name = "-m", .value = "MODE", .about = "How"},
    {.name = "--tag", .value = "TAG", .about = "A tag; repeatable", .repeatable = true},
    {.name = "--count", .short_name = "-c", .about = "Count"},
    {.name = "--annotate", .value = "NAME", .about = "Say so", .value_optional = true},
    {.name = "--policy",
     .value = "P",
     .about = "Which",
     .choices = "fail|skip",
     .not_with = "--annotate"},
    {.name = "--level", .value = "N", .about = "How deep", .preset = "3", .min = 0, .max = 9}};
inline constexpr cli::Operand kShutOperands[] = {{.name = "NAME", .about = "What to shut"}};
inline constexpr cli::Option kShutOptions[] = {
    {.name = "--older-than", .value = "D", .about = "Which", .required = true}};

inline constexpr std::string_view kShutFormats[] = {"json", "text"};

inline constexpr cli::Command kDemoCommands[] = {
    {.summary = "Show how a program is framed",
     .options = kDemoOptions,
     .exits = "0 shown, 3 not shown",
     .schema = "rz.demo/1",
     .answer = "answer",
     .run = say_yes},
    {.name = "open",
     .summary = "Open it\nwith a second line that a list leaves out",
     .examples = "rz demo open door",
     .operands = kOpenOperands,
     .options = kOpenOptions,
     .exits = "0 open, 1 shut",
     .schema = "rz.demo.open/1",
     .run = echo},
    {.name = "shut",
     .summary = "Shut it",
     .operands = kShutOperands,
     .options = kShutOptions,
     .formats = kShutFormats,
     .exits = "0 shut",
     .schema = "rz.demo.shut/1",
     .run = say_yes}};

inline constexpr cli::Program kDemo = {.name = "rz demo",
                                       .summary = "Show how a program is framed.",
                                       .examples =
                                           "rz demo        show it\n"
                                           "rz demo open door",
                                       .commands = kDemoCommands};
/// The same without work of its own.
inline constexpr cli::Program kDemoOfCommands = {
    .name = "rz demo",
    .summary = "Show how a program is framed.",
    .examples = "rz demo open door",
    .commands = std::span<const cli::Command>(kDemoCommands).subspan(1)};

}  // namespace rz::testing
