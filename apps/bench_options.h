#pragma once

#include "rz/cli/command.h"

/// Options that several commands of rz bench have.
namespace rz::apps {

inline constexpr cli::Option kBenchRounds = {.name = "--rounds",
                                             .value = "N",
                                             .about =
                                                 "At least; 30, of programs 10, of "
                                                 "instructions 3",
                                             .min = 1,
                                             .max = 10'000};
inline constexpr cli::Option kBenchMinTime = {
    .name = "--min-time", .value = "DURATION", .about = "More rounds until each took so long"};
inline constexpr cli::Option kBenchPatience = {
    .name = "--patience",
    .value = "DURATION",
    .about = "How long to wait for a quieter machine; 0s: not [10s]"};
inline constexpr cli::Option kBenchCounter = {.name = "--counter",
                                              .value = "WHAT",
                                              .about = "What is counted",
                                              .choices = "time|cpu|instructions",
                                              .preset = "time"};
inline constexpr cli::Option kBenchSave = {
    .name = "--save", .value = "FILE", .about = "Keep the run, for a later --compare"};
inline constexpr cli::Option kBenchCompare = {
    .name = "--compare", .value = "FILE", .about = "Judge by a saved run"};
inline constexpr cli::Option kBenchWarnAbove = {
    .name = "--warn-above", .value = "PERCENT", .about = "Slower by more is a warning [10%]"};
inline constexpr cli::Option kBenchFailAbove = {
    .name = "--fail-above", .value = "PERCENT", .about = "Slower by more is exit 1 [20%]"};

}  // namespace rz::apps
