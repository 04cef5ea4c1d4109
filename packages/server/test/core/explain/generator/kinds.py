"""Texts as Python makes them wrongly: requests as JSON lines in, a list of [name, accepted kinds, text] a line out."""
import collections
import enum
import json
import sys
import urllib.parse


def joined(fields, separator="&", assign="="):
    return separator.join(f"{name}{assign}{value}" for name, value in fields.items())


for line in sys.stdin:
    request = json.loads(line)
    key, body = request["key"], request["fields"]
    signed = dict(sorted(request["signed"].items()))
    strings = {name: str(value) for name, value in signed.items()}
    Login = collections.namedtuple("Login", [name for name in signed])
    Platform = enum.Enum("Platform", {"H5": "h5", "IOS": "ios", "ANDROID": "android", "WEB": "web"})
    seconds = int(signed["timestamp"]) / 1000
    out = [
        ["str(dict)", ["object-signed"], f"{key}&{signed}"],
        ["str(body)", ["object-signed"], f"{key}&{body}"],
        ["repr of items", ["object-signed"], f"{key}&{list(signed.items())}"],
        ["json.dumps", ["object-signed"], f"{key}&{json.dumps(signed)}"],
        ["json.dumps sorted body", ["object-signed"], f"{key}&{json.dumps(body, sort_keys=True)}"],
        ["json.dumps compact", ["object-signed"], f"{key}&{json.dumps(signed, separators=(',', ':'))}"],
        ["urlencode", ["value-encoded"], f"{key}&{urllib.parse.urlencode(strings)}"],
        ["urlencode quote", ["value-encoded"], f"{key}&{urllib.parse.urlencode(strings, quote_via=urllib.parse.quote)}"],
        ["quote all", ["value-encoded"], urllib.parse.quote(f"{key}&{joined(signed)}")],
        ["namedtuple", ["object-signed"], f"{key}&{Login(**signed)}"],
        ["repr values", ["value-quoted"], f"{key}&" + "&".join(f"{name}={value!r}" for name, value in signed.items())],
        ["bytes", ["value-quoted", "text-wrapped"], f"{key}&" + "&".join(f"{name}={str(value).encode()}" for name, value in signed.items())],
        ["b''", ["text-wrapped", "value-quoted"], str(f"{key}&{joined(signed)}".encode())],
        ["key bytes", ["key-quoted"], f"{key.encode()}&{joined(signed)}"],
        ["time.time()", ["timestamp-signed-in-another-unit"], f"{key}&{joined({**signed, 'timestamp': seconds})}"],
        ["int(time.time())", ["timestamp-signed-in-another-unit"], f"{key}&{joined({**signed, 'timestamp': int(seconds)})}"],
        ["float ms", ["number-reprinted"], f"{key}&{joined({**signed, 'timestamp': float(signed['timestamp'])})}"],
        ["{:,}", ["number-reprinted"], f"{key}&{joined({**signed, 'timestamp': format(int(signed['timestamp']), ',')})}"],
        ["not an f-string", ["value-unset"], f"{key}&" + "&".join(name + "={" + name + "}" for name in signed)],
        ["values", ["values-only", "another-form", "key-separator"], key + "".join(strings.values())],
        ["tuple", ["value-quoted"], f"{key}&" + "&".join(f"{name}={(value,)}" for name, value in strings.items())],
        ["unsorted", ["field-order"], f"{key}&{joined({name: signed[name] for name in body if name in signed})}"],
        ["reversed", ["field-order"], f"{key}&{joined(dict(sorted(signed.items(), reverse=True)))}"],
        ["title", ["value-case"], f"{key}&{joined({name: value.title() for name, value in strings.items()})}"],
    ]
    if signed.get("platform") is not None:
        out.append(["enum", ["value-changed"], f"{key}&{joined({**signed, 'platform': Platform(signed['platform'])})}"])
    print(json.dumps(out))
