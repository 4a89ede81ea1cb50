"""A prompt with examples -> the turns of a conversation, which a small model follows better than a list.

Used by every step where the model reads or rewrites what it is given: decompose.py, formula.py and second_reading.py.
"""

from __future__ import annotations

from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage

from prompts import render

_REPLY = "\n答："


def turns(prompt: str, asked: str) -> list[BaseMessage]:
    """The prompt, the examples of `prompt`_examples.txt and, last, `asked`.

    Examples are parted by empty lines; the reply of each begins after a 答： that begins its line.
    """
    conversation: list[BaseMessage] = [SystemMessage(render(prompt))]
    for example in render(f"{prompt}_examples").split("\n\n"):
        said, _, reply = example.partition(_REPLY)
        conversation += [HumanMessage(said), AIMessage(reply)]
    return [*conversation, HumanMessage(asked)]
