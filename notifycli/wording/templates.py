"""The templates of messages: the default ones of each language, and what any template must keep to.

A template can print the fields of its event and ask `if`, nothing else: no loop, call, filter or other file. So it
ends, its output is bounded, and rendering cannot fail. Source: SPEC section 6.
"""

from collections import ChainMap
from collections.abc import Mapping
from difflib import get_close_matches
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from notifycli.wording.values import APPOINTMENT_EVENTS, Part, Piece, WordingError, fields_allowed

if TYPE_CHECKING:  # jinja2 takes 50 ms to import, and most runs send nothing
    from jinja2 import Template, nodes
    from jinja2.sandbox import ImmutableSandboxedEnvironment

PARTS_OF_EMAIL = ("greeting", "opening", "details", "portal", "phone", "ending")
NAME_OF_PART: dict[Part, str] = {"sms.txt": "sms", "push.txt": "push", "email.subject.txt": "subject"}
ALLOWED_NODES = {"Output", "TemplateData", "Name", "Const", "If", "Compare", "Operand", "And", "Or", "Not"}
CANNOT_BE_COMPILED = (SyntaxError, ValueError, RecursionError, MemoryError)  # what deep nesting and huge numbers raise
WRITE_IT_LIKE = "Write {{ field }}, or {% if field %} ... {% else %} ... {% endif %}."
ALLOWED_COMPARISONS = ("eq", "ne")  # the ones that no value makes fail


@lru_cache
def default_template(piece: Piece) -> "Template":
    """The template that holds where a clinic has none; there is none for the HTML, which is made from the text."""
    return compiled(default_source(piece), piece, piece.file_name)


def default_source(piece: Piece) -> str:
    """The event's own words, then those of all appointments, then those of every event."""
    texts = _texts(piece.language)
    of_appointments = [texts["appointment"]] if piece.event in APPOINTMENT_EVENTS else []
    words: Mapping[str, str] = ChainMap(texts[piece.event], *of_appointments, texts["every"])
    if piece.part == "email.txt":
        return "\n\n".join(words[part].strip() for part in PARTS_OF_EMAIL if part in words)
    return words[NAME_OF_PART[piece.part]].strip()


@lru_cache
def _texts(language: str) -> dict[str, Any]:
    import tomllib  # with importlib.resources 10 ms, which most runs need not pay
    from importlib.resources import files

    return tomllib.loads(files(__package__).joinpath(f"{language}.toml").read_text("utf-8"))


def compiled(source: str, piece: Piece, where: str) -> "Template":
    """A template that keeps to the rules of this room. WordingError: `where`, what is wrong, what is allowed."""
    from jinja2 import TemplateSyntaxError

    environment = _environment(piece.part == "email.html")
    try:
        tree = environment.parse(source)
        _refuse_what_is_not_allowed(tree, where)
        _refuse_unknown_fields(tree, piece, where)
        return environment.from_string(tree)
    except TemplateSyntaxError as error:
        raise WordingError(f"{where}, line {error.lineno}: is no template from there on.", WRITE_IT_LIKE) from None
    except CANNOT_BE_COMPILED:
        raise WordingError(f"{where}: nested too deep, or a number too long", "make it simpler.") from None


@lru_cache
def _environment(is_html: bool) -> "ImmutableSandboxedEnvironment":
    from jinja2 import StrictUndefined
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    environment = ImmutableSandboxedEnvironment(undefined=StrictUndefined, autoescape=is_html)
    environment.globals.clear()  # find_undeclared_variables takes what stands here for known
    return environment


def _refuse_what_is_not_allowed(tree: "nodes.Template", where: str) -> None:
    from jinja2 import nodes

    for node in tree.find_all(nodes.Node):
        name = type(node).__name__
        if isinstance(node, nodes.Compare) and any(operand.op not in ALLOWED_COMPARISONS for operand in node.ops):
            name = "this comparison"
        if name not in ALLOWED_NODES:
            raise WordingError(
                f"{where}, line {node.lineno}: {name} is not allowed",
                "a wording can use {{ field }} and {% if %} with ==, !=, and, or, not. Write it with these.",
            )


def _refuse_unknown_fields(tree: "nodes.Template", piece: Piece, where: str) -> None:
    from jinja2 import meta

    allowed = fields_allowed(piece.event, piece.part)
    unknown = sorted(meta.find_undeclared_variables(tree) - set(allowed))
    if unknown:
        nearest = get_close_matches(unknown[0], allowed, 1)
        meant = f'; did you mean "{nearest[0]}"?' if nearest else "."
        raise WordingError(
            f'{where}: "{unknown[0]}" is not a field of this text{meant}', f"Allowed are: {', '.join(allowed)}."
        )
