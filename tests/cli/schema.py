# SPDX-License-Identifier: ISC
"""schema.py SCHEMA check NAME <TEXT: TEXT is documents, each of which is what the schema says of
one of the NAMEs (separated by blanks).
schema.py SCHEMA page PAGE ACTION...: the page has the members of the schema, with their types and
words, and both have these actions."""
import json
import re
import sys

try:
    from jsonschema import Draft202012Validator
except ImportError:
    sys.exit(77)


def documents(text):
    decoder, at = json.JSONDecoder(), 0
    while at < len(text) and (rest := text[at:].lstrip()):
        document, length = decoder.raw_decode(rest)
        yield document
        at = len(text) - len(rest) + length


def check(schema, names):
    seen = 0
    for document in documents(sys.stdin.read()):
        seen += 1
        faults = {}
        for name in names:
            of = {"$ref": "#/$defs/" + name, "$defs": schema["$defs"]}
            faults[name] = [f"{e.json_path}: {e.message}"
                            for e in Draft202012Validator(of).iter_errors(document)]
        if all(faults.values()):
            print(f"{document}: {faults}")
            return 1
    return seen == 0


def resolved(schema, node):
    """NODE with what it refers to, as one."""
    whole = dict(node)
    if "$ref" in node:
        for key, value in resolved(schema, schema["$defs"][node["$ref"].split("/")[-1]]).items():
            if key == "properties":
                value = {**value, **whole.get(key, {})}
                whole[key] = value
            else:
                whole.setdefault(key, value)
    return whole


def type_of(schema, node):
    names = node["type"] if isinstance(node["type"], list) else [node["type"]]
    names = ["number" if name == "integer" else name for name in names]
    if names == ["array"]:
        names = ["array of " + resolved(schema, node["items"])["type"] + "s"]
    return " or ".join(names)


def members(schema, node, path):
    """(path, type, words) of each member below NODE but the version."""
    node = resolved(schema, node)
    if "items" in node:
        yield from members(schema, node["items"], path + "[]")
    for key, value in node.get("properties", {}).items():
        if path or key != "version":
            value = resolved(schema, value)
            name = f"{path}.{key}" if path else key
            words = tuple(w for w in value.get("enum", []) if w)
            yield name, type_of(schema, value), words
            yield from members(schema, value, name)


def sections(page):
    """The page's lists: [names], {member: (type, text)}."""
    found, name = [], None
    for line in page.splitlines():
        if line.startswith(".Ss "):
            found.append((line[4:].split(" , "), {}))
        elif line.startswith(".Sh "):
            name = None
        elif found and (item := re.fullmatch(r"\.It Li (\S+) Pq (.+)", line)):
            name = item[1]
            found[-1][1][name] = (item[2], "")
        elif found and name in found[-1][1]:
            of, text = found[-1][1][name]
            found[-1][1][name] = (of, text + " " + line)
    return found


def page(schema, text, actions):
    wanted = {name: {} for name in schema["$defs"] if not name.startswith("of-")}
    share = {key for key, _, _ in members(schema, {"$ref": "#/$defs/of-share"}, "")}
    # The members of a share are said once, for all documents that have some.
    for name in wanted:
        for path, kind, words in members(schema, {"$ref": "#/$defs/" + name}, ""):
            wanted[name][path] = (kind, words)
    common, own = sections(text)[0], sections(text)[1:]
    got = {}
    for names, items in own:
        for name in names:
            got.setdefault(name, {}).update(items)
    for name in common[0]:
        places = [p for p, (kind, _) in wanted[name].items() if p.count(".") == 0]
        for place in places:
            array = wanted[name][place][0].startswith("array")
            for key, value in common[1].items():
                got.setdefault(name, {})[f"{place}{'[]' if array else ''}.{key}"] = value
    faults = []
    if share != set(common[1]):
        faults.append(f"members of a share: {share ^ set(common[1])}")
    for name in sorted(set(wanted) | set(got)):
        for path in sorted(set(wanted.get(name, {})) ^ set(got.get(name, {}))):
            faults.append(f"{name}: {path} is only in one of them")
        for path in set(wanted.get(name, {})) & set(got.get(name, {})):
            (kind, words), (said, about) = wanted[name][path], got[name][path]
            if kind != said:
                faults.append(f"{name}: {path} is {kind}, not {said}")
            faults += [f"{name}: {path} may be {word}" for word in words
                       if not re.search(rf"\b{word}\b", about)]
    named = {ref["$ref"].split("/")[-1] for ref in schema["anyOf"]}
    if named != set(wanted):
        faults.append(f"anyOf has not all: {named ^ set(wanted)}")
    if set(actions) | {"error", "note"} != set(wanted):
        faults.append(f"actions: {(set(actions) | {'error', 'note'}) ^ set(wanted)}")
    print("\n".join(faults))
    return len(faults) > 0


with open(sys.argv[1], encoding="utf-8") as file:
    SCHEMA = json.load(file)
Draft202012Validator.check_schema(SCHEMA)
if sys.argv[2] == "check":
    sys.exit(check(SCHEMA, sys.argv[3:]))
with open(sys.argv[3], encoding="utf-8") as file:
    sys.exit(page(SCHEMA, file.read(), sys.argv[4:]))
