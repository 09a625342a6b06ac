"""What is noticed in the exact words, and what is not."""

from __future__ import annotations

import pytest

from parley.precedents.official import noticed

WORDS = {
    "We assess with high confidence that it was carried out by them.": ("high confidence",),
    "It is highly likely that they did it.": ("highly likely",),
    "It was almost certainly not a surprise.": (),
    "Es wurde nichts gesagt.": (),
}


@pytest.mark.parametrize(("words", "confidence"), WORDS.items())
def test_words_of_confidence_are_whole_words(words: str, confidence: tuple[str, ...]) -> None:
    assert noticed(words).confidence == confidence


def test_the_longest_phrase_counts_once() -> None:
    """“highly likely” is not also “likely”."""
    assert noticed("We judge it highly likely.").confidence == ("highly likely",)


def test_norms_and_rules_are_given_with_their_code() -> None:
    words = "This is contrary to the norms of responsible State behaviour and to international law."
    assert noticed(words).law == (
        ("norms of responsible State behaviour", "norm/responsible-state-behaviour"),
        ("international law", "law/international-law"),
    )


def test_words_without_a_norm_name_none() -> None:
    """Critical infrastructure is a subject, not a norm named."""
    assert noticed("They attacked critical infrastructure.").law == ()


@pytest.mark.parametrize(
    "words",
    ["我们谴责这一行为", "Мы считаем это недопустимым: Россия не указана, осуждает", "ندين هذا العمل، وتدين الدولة"],
)
def test_verbs_are_noticed_in_other_scripts(words: str) -> None:
    assert noticed(words).verbs


def test_what_is_noticed_stands_there_letter_for_letter() -> None:
    words = "The Government ATTRIBUTES this to them, and strongly condemns it."
    found = noticed(words)
    assert all(part in words for part in (*found.verbs, *found.confidence))
