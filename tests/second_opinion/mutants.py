"""Values near a valid one: a member left out, of another type, at its edges, unknown. Always the same ones."""

MOMENTS = ["2026-02-30T10:00:00Z", "2026-11-21T24:00:00Z", "2026-11-21T23:60:00Z", "2026-11-21T10:00:00", "2026-11-21",
           "2026-11-21T10:00:00.5+05:30", "2026-1-21T10:00:00Z", "2026-11-21T10:00:00+25:00", "2024-02-29T00:00:00Z",
           "2023-02-29T00:00:00Z", "2026-11-21T10:00:00.Z", " 2026-11-21T10:00:00Z", "2026-11-21T10:00:00Zx"]


def of_text(text):
    yield from (None, 7, "", text + "x", text[1:], "\U0001f600", text.upper() + "\u00e9", " " + text, [text], {})
    if len(text) > 10 and text[4:5] == "-" and text[10:11] == "T":
        yield from MOMENTS


def of_number(number):
    # Nothing beyond 64 bits: jsonschema 16.11.0 ends with "does not fit in a 64-bit integer".
    yield from (None, "7", True, -number - 1, number + 0.5, 0, float(number), 4e12, -0.0, [number], {"n": number})


def of_other(value):
    if value is None or isinstance(value, bool):
        yield from (None, not value, 0, 1, "true", [], {})
    elif isinstance(value, list):
        yield from (None, {}, [], "list", value + [None], value + [{}], value + value[:1], [7] * 3, value[1:])
    else:
        yield from (None, [], {}, "object", 7, False)


def replacements(value):
    if isinstance(value, str):
        return of_text(value)
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return of_number(value)
    return of_other(value)


def within(value):
    """Each value in which one place differs."""
    yield from replacements(value)
    if isinstance(value, dict):
        yield dict(value, unknown_member=1)
        for key in value:
            rest = {k: v for k, v in value.items() if k != key}
            yield rest
            yield dict(rest, **{key + "_": value[key]})
            for other in within(value[key]):
                yield dict(value, **{key: other})
    elif isinstance(value, list):
        for i, item in enumerate(value[:3]):
            for other in within(item):
                yield value[:i] + [other] + value[i + 1:]


def of(value, most):
    """At most so many, spread evenly over all."""
    every = list(within(value))
    step = max(1, -(-len(every) // most))
    return every[::step]
