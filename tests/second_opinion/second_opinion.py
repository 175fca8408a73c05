"""Three judges on the same values: assay, ajv and sourcemeta's jsonschema must agree on each.

   second_opinion.py ASSAY SCHEMAS WORK NODE MODULES JSONSCHEMA RUN...

The values: every example of every schema, every line of every file of the runs, and values near them (mutants.py).
Prints a line for each disagreement and, last, "N values, 3 judges, N agreed". 1: they do not agree, or an example is
not what its folder says.
"""
import concurrent.futures
import glob
import json
import os
import re
import subprocess
import sys

import mutants

MUTANTS_OF_SCHEMA = 450
MUTANTS_OF_FILE = 90  # of a run
FILES = {"benchmark.jsonl": "record", "exchanges.jsonl": "exchange", "answers.jsonl": "answer", "run.json": "run",
         "samples.jsonl": "sample", "server_samples.jsonl": "sample", "grades.jsonl": "regrade",
         "requests.jsonl": "request", "load.json": "load"}
JUDGES = ["assay", "ajv", "jsonschema"]
here = os.path.dirname(os.path.abspath(__file__))


class Case:
    """A schema, and the values that are held against it."""

    def __init__(self, name, schema, asserts_formats=True):
        self.name, self.schema, self.asserts_formats = name, schema, asserts_formats
        self.origins, self.expected, self.texts, self.seen = [], [], [], set()

    def add(self, origin, value, expected=None):
        text = value if isinstance(value, str) and expected == "line" else json.dumps(value, ensure_ascii=False)
        if text in self.seen:
            return
        self.seen.add(text)
        self.origins.append(origin)
        self.expected.append(True if expected == "line" else expected)
        self.texts.append(text)

    def add_mutants(self, valid, most=MUTANTS_OF_SCHEMA):
        each = max(1, most // max(1, len(valid)))
        for origin, value in valid:
            for number, mutant in enumerate(mutants.of(value, each)):
                self.add(f"{origin} (mutant {number})", mutant)


def read(path):
    with open(path, encoding="utf-8") as file:
        return json.load(file)


def add_examples(case, folder):
    valid = []
    for path in sorted(glob.glob(f"{folder}/{case.name}/valid/*.json")):
        value = read(path)
        case.add(path, value, True)
        valid.append((path, value))
    for path in sorted(glob.glob(f"{folder}/{case.name}/invalid/*.json")):
        case.add(path, read(path)["instance"], False)
    case.add_mutants(valid)


def add_run(cases, run):
    for name, schema in FILES.items():
        path = f"{run}/{name}"
        if not os.path.exists(path):
            continue
        with open(path, encoding="utf-8") as file:
            lines = [file.read().replace("\n", " ")] if name.endswith(".json") else file.read().splitlines()
        for number, line in enumerate(lines, 1):
            cases[schema].add(f"{path}:{number}", line, "line")
        cases[schema].add_mutants([(f"{path}:1", json.loads(line)) for line in lines[:1]], MUTANTS_OF_FILE)


def cases_of(schemas, work):
    cases = {}
    for path in sorted(glob.glob(f"{schemas}/*.schema.json")):
        name = os.path.basename(path).replace(".schema.json", "")
        cases[name] = Case(name, path)
    drafts = {"draft2020-12/schema": "https://json-schema.org/draft/2020-12/schema",
              "draft-07/schema": "http://json-schema.org/draft-07/schema#"}
    for name, uri in drafts.items():
        path = f"{work}/{name.replace('/', '-')}.json"
        with open(path, "w", encoding="utf-8") as file:
            json.dump({"$schema": uri, "$id": f"urn:test:{name}", "allOf": [{"$ref": uri}]}, file)
        case = Case(name, path, asserts_formats=False)
        files = [(p, read(p)) for p in sorted(glob.glob(f"{schemas}/*.schema.json"))]
        mine = [(p, value) for p, value in files if ("draft-07" in value["$schema"]) == ("draft-07" in name)]
        for origin, value in mine:
            case.add(origin, value, True)
        case.add_mutants(mine or files)
        cases[name] = case
    return cases


def judge_assay(assay, case, lines):
    done = subprocess.run([assay, "validate", "--json", "--max-errors", "1000000", "--schema", case.name, lines],
                          stdout=subprocess.PIPE, check=False)
    said = json.loads(done.stdout)
    if said["errors"] or said["more"] or said["values"] != len(case.texts):
        sys.exit(f"assay did not judge all of {lines}: {said}")
    bad = {f["line"] for f in said["findings"] if f["severity"] == "fault"}
    return [number not in bad for number in range(1, len(case.texts) + 1)]


def judge_jsonschema(program, case, lines, known):
    # Not --fast: 16.11.0 ends there with a segmentation fault on load.schema.json.
    command = [program, "validate", case.schema, lines, "--verbose", "--continue"]
    command += ["-F"] if case.asserts_formats else []
    for path in known:
        command += ["-r", path] if path != case.schema else []
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    found = re.findall(rb"^(ok|fail): .* \(entry #(\d+)\)$", done.stdout, re.MULTILINE)
    verdicts = {int(number): word == b"ok" for word, number in found}  # it takes them as they come
    if len(found) != len(case.texts) or sorted(verdicts) != list(range(1, len(case.texts) + 1)):
        sys.exit(f"jsonschema did not judge all of {lines}: {done.stdout[-2000:].decode(errors='replace')}")
    return [verdicts[number] for number in sorted(verdicts)]


def judge_ajv(node, modules, cases, known, work):
    command = [node, f"{here}/ajv_judge.js", modules, *known, "--"]
    for case in cases:
        command += [case.schema, lines_of(case, work), lines_of(case, work) + ".ajv"]
    subprocess.run(command, check=True)
    verdicts = []
    for case in cases:
        with open(lines_of(case, work) + ".ajv", encoding="ascii") as file:
            verdicts.append([digit == "1" for digit in file.read()])
    return verdicts


def lines_of(case, work):
    return f"{work}/values/{case.name.replace('/', '-')}.jsonl"


def write_values(cases, work):
    os.makedirs(f"{work}/values", exist_ok=True)
    for case in cases:
        with open(lines_of(case, work), "w", encoding="utf-8", newline="\n") as file:
            file.write("".join(text + "\n" for text in case.texts))


class Count:
    values = agreed = valid = wrong = 0


def compare(case, verdicts, count):
    for origin, expected, text, said in zip(case.origins, case.expected, case.texts, zip(*verdicts)):
        same = len(set(said)) == 1
        as_expected = expected is None or said[0] == expected
        count.values += 1
        count.agreed += same
        count.valid += all(said)
        if same and as_expected:
            continue
        count.wrong += 1
        if count.wrong <= 40:
            words = ", ".join(f"{judge}: {'valid' if v else 'invalid'}" for judge, v in zip(JUDGES, said))
            print(f"{origin}, schema {case.name}: {words}\n    {text[:600]}")


def main():
    assay, schemas, work, node, modules, program = sys.argv[1:7]
    os.makedirs(work, exist_ok=True)
    by_name = cases_of(schemas, work)
    for case in by_name.values():
        add_examples(case, f"{schemas}/examples")
    for run in sys.argv[7:]:
        add_run(by_name, run)
    cases = [case for case in by_name.values() if case.texts]
    write_values(cases, work)
    known = sorted(glob.glob(f"{schemas}/*.schema.json"))
    by_ajv = judge_ajv(node, modules, cases, known, work)
    count = Count()
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        by_assay = pool.map(lambda case: judge_assay(assay, case, lines_of(case, work)), cases)
        by_jsonschema = pool.map(lambda case: judge_jsonschema(program, case, lines_of(case, work), known), cases)
        verdicts = zip(by_assay, by_ajv, by_jsonschema)
    for case, said in zip(cases, verdicts):
        before = count.wrong
        compare(case, said, count)
        print(f"{case.name}: {len(case.texts)} values" + (f", {count.wrong - before} wrong" * (count.wrong > before)))
    print(f"{count.valid} of them valid; {len(cases)} schemas; {len(sys.argv) - 7} runs")
    print(f"{count.values} values, {len(JUDGES)} judges, {count.agreed} agreed")
    sys.exit(1 if count.wrong or count.agreed != count.values or count.values < 1000 else 0)


main()
