"""What the program says to people, kept so that the shell can say it in another language.

English is the text itself, wherever it is used as one; the shell alone (cli/language.py) makes another language of it.
Must not know which languages there are. JSON and whatever is stored stay English without anybody's care.
"""

from collections.abc import Iterable
from typing import Self


def N_(text: str) -> str:
    """Marks a template for translators that is filled later on, as in a table of them."""
    return text


class Sentence(str):
    """The English sentence; `template` and `fields`, of which it was made, for another language.

    Of the fields only sentences are translated: what is a word of the program is one, an id or a name never is.
    """

    __slots__ = ("fields", "template")
    template: str
    fields: dict[str, object]

    def __new__(cls, template: str, **fields: object) -> Self:
        """Raises KeyError where a field of the template is not given."""
        sentence = super().__new__(cls, template.format_map(fields))
        sentence.template, sentence.fields = template, fields
        return sentence


class Paragraph(str):
    """Several sentences one after the other, each with its capital and its full stop."""

    __slots__ = ("sentences",)
    sentences: tuple[str, ...]

    def __new__(cls, sentences: Iterable[str]) -> Self:
        sentences = tuple(sentences)
        paragraph = super().__new__(cls, in_a_row(sentences))
        paragraph.sentences = sentences
        return paragraph


def in_a_row(sentences: Iterable[str]) -> str:
    """As a terminal shows them: commands stand between the marks of Markdown in the texts."""
    return " ".join(f"{text[:1].upper()}{text[1:]}." for text in sentences).replace("`", "")
