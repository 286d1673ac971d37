#!/usr/bin/env python3
"""FIX data dictionaries from tables of facts.

    generate.py filter --from DIR [--versions 4.2,4.4] [--messages 0,1,...]
        Cuts full fact tables (fields.tsv, values.tsv, messages.tsv of all versions) down to the
        versions and messages that the gateway speaks, and writes them beside this script.
    generate.py xml --version 4.4 --output FIX44.xml
        Writes one version in QuickFIX's data-dictionary format.
    generate.py embed --output embedded.cc FIX42.xml FIX44.xml
        Writes a C++ file that carries the XML texts in the binary.

README.md beside this script says where the facts come from and what the columns mean.
"""

import argparse
import csv
import pathlib
import sys
from xml.sax.saxutils import quoteattr

HERE = pathlib.Path(__file__).resolve().parent
VERSIONS = ["4.2", "4.4"]
MESSAGES = ["0", "1", "2", "3", "4", "5", "A", "D", "F", "G", "H", "8", "9", "j", "q", "r", "AF"]
ORDER = ["4.0", "4.1", "4.2", "4.3", "4.4", "5.0", "5.0SP1", "5.0SP2"]
ADMIN = {"0", "1", "2", "3", "4", "5", "A"}

# QuickFIX 1.15.1's names of types. XMLData is written as DATA, so that its bytes are read by their length.
TYPES = {"XMLData": "DATA", "MultipleCharValue": "MULTIPLECHARVALUE", "MultipleStringValue": "MULTIPLESTRINGVALUE"}


def read(directory, name):
    with open(directory / name, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


def write(path, header, rows):
    with open(path, "w", encoding="utf-8", newline="") as file:
        file.write("\t".join(header) + "\n")
        for row in rows:
            file.write("\t".join(row[column] for column in header) + "\n")


def in_range(version, first, last):
    """Whether a fact that holds from `first` to `last` (empty: for ever) holds in `version`."""
    at = ORDER.index(version)
    return ORDER.index(first) <= at and (not last or at <= ORDER.index(last))


def filter_tables(source, versions, messages):
    wanted = set(messages) | {"HEADER", "TRAILER"}
    members = [row for row in read(source, "messages.tsv") if row["version"] in versions and row["msgtype"] in wanted]
    tags = {row["tag"] for row in members if row["tag"]}
    fields = [row for row in read(source, "fields.tsv") if row["tag"] in tags]
    shared = {row["values_from"] for row in fields if row["values_from"]}
    values = [
        row
        for row in read(source, "values.tsv")
        if row["tag"] in tags | shared and any(in_range(v, row["first"], row["last"]) for v in versions)
    ]
    # `pos` 0 names the message; the other rows follow in the message's order, so the number itself is not needed.
    write(HERE / "messages.tsv", ["version", "msgtype", "depth", "tag", "name", "required", "group"], members)
    write(
        HERE / "fields.tsv",
        ["tag", "name", "older_names"] + versions + ["length_tag", "values_from", "open_values"],
        fields,
    )
    write(HERE / "values.tsv", ["tag", "value", "meaning", "first", "last"], values)


class Facts:
    """What one version says."""

    def __init__(self, version):
        self.version = version
        self.members = {}  # MsgType -> member rows in order
        self.names = {}  # MsgType -> message name
        field_names = {}
        for row in read(HERE, "messages.tsv"):
            if row["version"] != version:
                continue
            if not row["tag"]:
                self.names[row["msgtype"]] = row["name"]
                self.members[row["msgtype"]] = []
            else:
                self.members[row["msgtype"]].append(row)
                field_names[row["tag"]] = row["name"]
        values = {}
        for row in read(HERE, "values.tsv"):
            if in_range(version, row["first"], row["last"]):
                values.setdefault(row["tag"], []).append((row["value"], row["meaning"]))
        self.fields = []  # (tag, name, type, [(value, meaning)])
        for row in read(HERE, "fields.tsv"):
            if row["tag"] not in field_names:
                continue
            if not row[version]:
                raise SystemExit(f"fields.tsv: tag {row['tag']} is in a {version} message but has no {version} type")
            enumeration = values.get(row["tag"]) or values.get(row["values_from"], [])
            if self.is_open(row):
                enumeration = []
            self.fields.append((row["tag"], field_names[row["tag"]], row[version], enumeration))

    def is_open(self, field):
        """Fields whose list is not closed get no enumeration: private codes must not cost a whole report.

        SettlType(63) takes the market's tenors (M1, W2) from 4.4 on, where 5.0's own are in use already; RefMsgType(372)
        names any message.
        """
        if field["tag"] == "372":
            return True
        if field["open_values"] == "Tenor":
            return self.version >= "4.4"
        return bool(field["open_values"])


def xml_type(name):
    return TYPES.get(name, name.upper())


def member_lines(rows, indent):
    """Field and group elements; a group's count row is followed by its members, one level deeper."""
    lines = []
    i = 0
    while i < len(rows):
        row = rows[i]
        depth = int(row["depth"])
        end = i + 1
        while end < len(rows) and int(rows[end]["depth"]) > depth:
            end += 1
        # Conditional (C) is not required: a dictionary cannot state the condition.
        required = "Y" if row["required"] == "Y" else "N"
        attributes = f"name={quoteattr(row['name'])} required=\"{required}\""
        pad = " " * indent
        if end > i + 1:
            lines.append(f"{pad}<group {attributes}>")
            lines += member_lines(rows[i + 1 : end], indent + 1)
            lines.append(f"{pad}</group>")
        else:
            lines.append(f"{pad}<field {attributes}/>")
        i = end
    return lines


def xml_text(version):
    facts = Facts(version)
    major, minor = version.split(".")
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f"<!-- FIX {version}: the messages that Portcullis speaks. Generated by fix/dictionary/generate.py. -->",
        f'<fix type="FIX" major="{major}" minor="{minor}" servicepack="0">',
        " <header>",
        *member_lines(facts.members["HEADER"], 2),
        " </header>",
        " <messages>",
    ]
    for msg_type in facts.names:
        if msg_type in ("HEADER", "TRAILER"):
            continue
        category = "admin" if msg_type in ADMIN else "app"
        name = quoteattr(facts.names[msg_type])
        lines.append(f'  <message name={name} msgtype="{msg_type}" msgcat="{category}">')
        lines += member_lines(facts.members[msg_type], 3)
        lines.append("  </message>")
    lines += [" </messages>", " <trailer>", *member_lines(facts.members["TRAILER"], 2), " </trailer>"]
    lines += [" <components/>", " <fields>"]
    for tag, name, kind, enumeration in facts.fields:
        opening = f'  <field number="{tag}" name={quoteattr(name)} type="{xml_type(kind)}"'
        if not enumeration:
            lines.append(opening + "/>")
            continue
        lines.append(opening + ">")
        lines += [f"   <value enum={quoteattr(v)} description={quoteattr(m)}/>" for v, m in enumeration]
        lines.append("  </field>")
    lines += [" </fields>", "</fix>", ""]
    return "\n".join(lines)


def embed_text(paths):
    lines = [
        "// Generated by fix/dictionary/generate.py; the same texts are installed as XML files.",
        '#include "fix/dictionary/embedded.h"',
        "",
        "namespace portcullis::fix {",
        "namespace {",
        "",
    ]
    for path in paths:
        text = path.read_text(encoding="utf-8")
        lines.append(f"constexpr char k{path.stem}[] =")
        # One literal a line keeps each under the compilers' limit of a literal's length.
        for line in text.splitlines():
            escaped = line.replace("\\", "\\\\").replace('"', '\\"')
            lines.append(f'    "{escaped}\\n"')
        lines.append("    ;")
        lines.append("")
    lines += [
        "}  // namespace",
        "",
        "std::string_view embedded_dictionary(std::string_view file_name) {",
        *[f'  if (file_name == "{p.name}") return {{k{p.stem}, sizeof(k{p.stem}) - 1}};' for p in paths],
        "  return {};",
        "}",
        "",
        "}  // namespace portcullis::fix",
        "",
    ]
    return "\n".join(lines)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    filtering = commands.add_parser("filter")
    filtering.add_argument("--from", dest="source", type=pathlib.Path, required=True)
    filtering.add_argument("--versions", default=",".join(VERSIONS))
    filtering.add_argument("--messages", default=",".join(MESSAGES))
    xml = commands.add_parser("xml")
    xml.add_argument("--version", required=True)
    xml.add_argument("--output", type=pathlib.Path, required=True)
    embed = commands.add_parser("embed")
    embed.add_argument("--output", type=pathlib.Path, required=True)
    embed.add_argument("files", type=pathlib.Path, nargs="+")
    arguments = parser.parse_args()
    if arguments.command == "filter":
        filter_tables(arguments.source, arguments.versions.split(","), arguments.messages.split(","))
    elif arguments.command == "xml":
        arguments.output.write_text(xml_text(arguments.version), encoding="utf-8")
    else:
        arguments.output.write_text(embed_text(arguments.files), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
