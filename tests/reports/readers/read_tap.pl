#!/usr/bin/env perl
# Reads TAP from standard input as prove does, and prints a line for each test, and what is wrong.
use strict;
use warnings;
use TAP::Parser;

binmode STDIN;
binmode STDOUT;
my $parser = TAP::Parser->new({tap => do { local $/; <STDIN> }});
while (my $result = $parser->next) {
  if ($result->is_test) {
    printf "%s|%s|%s\n", $result->is_actual_ok ? 'ok' : 'not ok', $result->directive,
      $result->description;
  } elsif ($result->is_yaml) {
    printf "message: %s\n", $result->data->{message};
  } elsif ($result->is_unknown) {
    printf "unknown: %s\n", $result->as_string;
  }
}
printf "wrong: %s\n", $_ for $parser->parse_errors;
printf "plan %s, version %s, %s\n", $parser->plan, $parser->version,
  $parser->is_good_plan ? 'good' : 'bad';
