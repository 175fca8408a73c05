#!/usr/bin/env python3
"""What programs that link to libassay rely on, as text: signatures of functions, layout of structures, values of
enumerations, read from the debug information of an object that is compiled from the installed headers alone.

usage: abi_dump.py COMPILER INCLUDE_FOLDER SYMBOLS        (prints the dump; tests/install/abi.txt is one)
"""
import os
import re
import subprocess
import sys
import tempfile

DIE = re.compile(r"^ *<(\d+)><([0-9a-f]+)>: Abbrev Number: \d+(?: \((DW_TAG_\w+)\))?")
ATTRIBUTE = re.compile(r"^ *<[0-9a-f]+> +(DW_AT_\w+) *: (.*)$")


class Die:
    def __init__(self, tag):
        self.tag, self.attributes, self.children = tag, {}, []

    def name(self):
        return re.sub(r"^\([^()]*offset: 0x[0-9a-f]+\): ", "", self.attributes.get("DW_AT_name", "")).strip()

    def number(self, attribute):
        value = self.attributes.get(attribute)
        return None if value is None else int(re.search(r"-?(?:0x[0-9a-f]+|\d+)", value).group(), 0)


def read_dies(text):
    dies, path = {}, []
    current = None
    for line in text.splitlines():
        match = DIE.match(line)
        if match:
            depth, offset, tag = int(match.group(1)), int(match.group(2), 16), match.group(3)
            current = Die(tag) if tag else None
            if current:
                dies[offset] = current
                del path[depth:]
                if path:
                    path[-1].children.append(current)
                path.append(current)
            continue
        match = ATTRIBUTE.match(line)
        if match and current:
            # Some versions of readelf put the form before the value.
            current.attributes[match.group(1)] = re.sub(r"^\((?!indirect|offset)\w+\) ", "", match.group(2))
    return dies


class Dump:
    def __init__(self, dies):
        self.dies = dies

    def type_of(self, die):
        value = die.attributes.get("DW_AT_type")
        return None if value is None else self.dies[int(re.search(r"<0x([0-9a-f]+)>", value).group(1), 16)]

    def words(self, die):
        """A type as text."""
        if die is None:
            return "void"
        target = lambda: self.words(self.type_of(die))
        if die.tag == "DW_TAG_pointer_type":
            return target() + " *"
        if die.tag == "DW_TAG_const_type":
            return target() + " const"
        if die.tag == "DW_TAG_volatile_type": # so gcc says that a function does not return
            return target()
        if die.tag == "DW_TAG_array_type":
            return target() + "".join(self.bounds(child) for child in die.children)
        if die.tag == "DW_TAG_subroutine_type":
            return "%s (%s)" % (target(), ", ".join(self.parameters(die)))
        kinds = {"DW_TAG_structure_type": "struct ", "DW_TAG_union_type": "union ", "DW_TAG_enumeration_type": "enum "}
        if die.tag in kinds and not die.name():
            return kinds[die.tag] + "{" + "; ".join(self.members(die)) + "}"
        if die.tag == "DW_TAG_typedef" and die.name() not in ("int64_t", "uint64_t", "int32_t", "uint32_t", "size_t"):
            return target()
        return kinds.get(die.tag, "") + die.name()

    def bounds(self, child):
        last, count = child.number("DW_AT_upper_bound"), child.number("DW_AT_count")
        return "[%s]" % (count if count is not None else "" if last is None else last + 1)

    def parameters(self, die):
        for child in die.children:
            if child.tag == "DW_TAG_unspecified_parameters":
                yield "..."
            elif child.tag == "DW_TAG_formal_parameter":
                yield self.words(self.type_of(child))

    def members(self, die):
        for child in die.children:
            if child.tag == "DW_TAG_member":
                place = child.number("DW_AT_data_member_location") or 0
                yield "%d %s %s" % (place, self.words(self.type_of(child)), child.name())
            elif child.tag == "DW_TAG_enumerator":
                yield "%s = %d" % (child.name(), child.number("DW_AT_const_value"))

    def layout(self, die):
        kind = die.tag.split("_")[2].replace("structure", "struct").replace("enumeration", "enum")
        head = "%s %s" % (kind, die.name())
        yield head if kind == "enum" else head + ", %d bytes" % die.number("DW_AT_byte_size")
        for member in self.members(die):
            yield "  " + member


def compile_probe(compiler, include, functions):
    headers = sorted(os.listdir(os.path.join(include, "assay")))
    with tempfile.TemporaryDirectory() as folder:
        source, made = os.path.join(folder, "probe.c"), os.path.join(folder, "probe.o")
        with open(source, "w", encoding="utf-8") as probe:
            probe.writelines("#include <assay/%s>\n" % header for header in headers)
            probe.writelines("__typeof__(&%s) probe_%s;\n" % (name, name) for name in functions)
        subprocess.run([compiler, "-std=gnu11", "-g", "-gdwarf-4", "-fno-eliminate-unused-debug-types", "-O0", "-c",
                        "-I", include, source, "-o", made], check=True)
        return subprocess.run(["readelf", "--wide", "--debug-dump=info", made], check=True, stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL, universal_newlines=True).stdout


def public_types(include):
    names = set()
    folder = os.path.join(include, "assay")
    for header in os.listdir(folder):
        with open(os.path.join(folder, header), encoding="utf-8") as text:
            names.update(re.findall(r"^(?:struct|enum) (\w+) \{", text.read(), re.MULTILINE))
    return names


def main(compiler, include, symbols):
    with open(symbols, encoding="utf-8") as text:
        own = text.read().split("# Check")[0]
    functions = [line for line in own.splitlines() if line and not line.startswith("#")]
    dies = read_dies(compile_probe(compiler, include, functions))
    dump, types = Dump(dies), public_types(include)
    seen = {}
    for die in dies.values():
        if die.tag == "DW_TAG_variable" and die.name().startswith("probe_"):
            # &function is a pointer to it
            seen["0" + die.name()] = ["%s: %s" % (die.name()[6:], dump.words(dump.type_of(dump.type_of(die))))]
        elif die.name() in types and die.children and re.match("DW_TAG_(struct|enum|union)", die.tag):
            seen[die.tag + die.name()] = list(dump.layout(die))
    for key in sorted(seen):
        print("\n".join(seen[key]))


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    main(*sys.argv[1:])
