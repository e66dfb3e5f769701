#!/usr/bin/env python3
"""Reads reports of rz health as their readers do, none of which is rz: read_reports.py CASES.json

Each case is a report of three checks, a healthy one, one that is unhealthy and has a hostile text
as its name and message, and an unknown one, in every format. Prints what a reader misunderstands.
"""
import json
import re
import sys
import xml.etree.ElementTree

from prometheus_client.openmetrics.parser import text_string_to_metric_families as read_openmetrics
from prometheus_client.parser import text_string_to_metric_families as read_prometheus


class Misread(Exception):
    pass


def expect(found, expected, what):
    if found != expected:
        raise Misread(f"{what}: {found!r} instead of {expected!r}")


def nagios(case, text):
    # As Nagios' core does: the perfdata are behind the first `|`.
    first, _, long_text = text.rstrip("\n").partition("\n")
    line, _, perfdata = first.partition("|")
    expect(line.startswith("RZ CRITICAL - "), True, "the state")
    expect(len(line.rstrip()) <= 80, True, f"the length of {line!r}")
    expect("|" in long_text, False, "a second part of perfdata")
    states = [each.split(" ")[0] for each in long_text.split("\n")]
    expect(states, ["[CRITICAL]", "[UNKNOWN]", "[OK]"], "the lines")
    item = r"'((?:[^'=]|'')*)'=(U|-?[0-9.]+)(s|us|ms|%|B|KB|MB|TB|c)?(;[-0-9.:~@]*){0,4}"
    expect(bool(re.fullmatch(f"( {item})+", perfdata)), True, f"perfdata {perfdata!r}")
    labels = {found[0].replace("''", "'") for found in re.findall(item, perfdata)}
    name = case["printable"].replace("=", "_").replace("|", "_").replace("::", ":_")
    expect(name + " latency" in labels, True, f"the label of the check in {labels}")


def checkmk(case, text):
    states = []
    for line in text.rstrip("\n").split("\n"):
        found = re.fullmatch(r'([0-3]) "([^"]*)" (\S+) (.*)', line)
        expect(bool(found), True, f"the line {line!r}")
        states.append((int(found[1]), found[2]))
        for metric in [] if found[3] == "-" else found[3].split("|"):
            expect(bool(re.fullmatch(r"[A-Za-z_]\w*=-?[0-9.]+(;[-0-9.]*){0,4}", metric, re.ASCII)),
                   True, f"the metric {metric!r}")
    name = "rz " + case["printable"].replace('"', "'")
    expect(states, [(2, "rz"), (0, "rz good"), (2, name), (3, "rz unsure")], "the services")


def github(case, text):
    def unescape(value, pairs):
        for escaped, plain in pairs:
            value = value.replace(escaped, plain)
        return value

    data = [("%0D", "\r"), ("%0A", "\n"), ("%25", "%")]
    found = []
    for line in text.rstrip("\n").split("\n"):
        if not line.startswith("::"):
            expect("##[" in line, False, f"the line {line!r}")
            continue
        command, _, message = line[2:].partition("::")
        word, _, properties = command.partition(" ")
        values = dict(each.split("=", 1) for each in properties.split(","))
        title = unescape(values["title"], [("%3A", ":"), ("%2C", ",")] + data)
        found.append((word, values.get("file"), title, unescape(message, data)))
    hostile = case["printable"]
    if len(hostile) > 80:  # Cut.
        return
    expect(found, [("error", None, hostile + " is unhealthy", hostile),
                   ("error", None, "unsure is unknown", "no idea")], "the annotations")


def families(case, read):
    samples = {}
    for family in read:
        expect(family.type, "gauge", f"the type of {family.name}")
        for sample in family.samples:
            key = (sample.name,) + tuple(sorted(sample.labels.items()))
            expect(key in samples, False, f"{key} is there twice")
            expect(sample.timestamp, None, "a timestamp")
            samples[key] = sample.value
    for status in ("healthy", "degraded", "unhealthy", "unknown"):
        key = ("rz_check_status", ("check", case["printable"]), ("status", status), ("type", "http"))
        expect(samples.get(key), float(status == "unhealthy"), f"{key}")
    expect(samples.get(("rz_health_status", ("status", "unhealthy"))), 1.0, "the whole")


def prometheus(case, text):
    expect(text.endswith("\n"), True, "the end of the last line")
    expect(text.count("# TYPE rz_check_status "), 1, "the number of types")
    families(case, read_prometheus(text))


def openmetrics(case, text):
    families(case, read_openmetrics(text))


def health_json(case, text):
    document = json.loads(text)
    expect(document["status"], "fail", "the status")
    for key, value in document["checks"].items():
        expect((key.count(":"), type(value)), (1, list), f"the entry {key!r}")
    passed = document["checks"]["good:responseTime"][0]
    expect(("output" in passed, passed["status"]), (False, "pass"), "the healthy one")
    expect(document["checks"]["unsure:responseTime"][0]["output"], "unknown: no idea", "the unknown")
    if case["text"] is not None:
        failed = document["checks"][case["text"].replace(":", "_") + ":responseTime"][-1]
        expect((failed["status"], failed["output"]), ("fail", case["text"]), "the unhealthy one")


def plain_json(case, text):
    document = json.loads(text)
    statuses = [check["status"] for check in document["checks"]]
    expect(statuses, ["healthy", "unhealthy", "unknown"], "the checks")
    if case["text"] is not None:
        expect(document["checks"][1]["message"], case["text"], "the message")


def junit(case, text):
    suite = xml.etree.ElementTree.fromstring(text.encode())[0]
    cases = suite.findall("testcase")
    outcomes = [[child.tag for child in each] for each in cases]
    expect(outcomes, [[], ["failure"], ["error"]], "the outcomes")
    if case["text"] is not None and case["in_xml"]:
        expect(cases[1].get("name"), case["text"], "the name")
        expect(cases[1][0].get("message"), case["text"], "the message")


READERS = {"nagios": nagios, "checkmk": checkmk, "github": github, "prometheus": prometheus,
           "openmetrics": openmetrics, "health+json": health_json, "json": plain_json,
           "junit": junit}


def main():
    with open(sys.argv[1], encoding="utf-8") as cases:
        cases = json.load(cases)
    read = 0
    for case in cases:
        for name, reader in READERS.items():
            try:
                reader(case, case["reports"][name])
                read += 1
            except Exception as error:  # Whatever a reader throws, it did not understand.
                print(f"{name} of {case['printable']!r}: {type(error).__name__}: {error}")
    print("all read" if read == len(cases) * len(READERS) else f"{read} read")


main()
