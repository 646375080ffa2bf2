"""The controls of forms as a browser, and a screen reader, meet them."""

from __future__ import annotations

from typing import Any

import html5lib
import pytest
from flask import Flask, render_template_string
from werkzeug.datastructures import MultiDict

from consult.core.web import forms as web_forms
from consult.core.web import widgets

FIELD = '{% from "kit/form.html" import field %}{{ field(form.it, **given) }}'


def form_with(it: Any, sent: list[tuple[str, str]] | None = None, **data: Any) -> Any:
    class One(web_forms.Form):
        pass

    One.it = it
    form = One(formdata=MultiDict(sent) if sent is not None else None, data=data, meta={"csrf": False})
    if sent is not None:
        form.validate()
    return form


@pytest.fixture
def draw(application: Flask) -> Any:
    """`draw(field, sent, **given)` gives the elements of the field as a page shows them."""

    def drawn(it: Any, sent: list[tuple[str, str]] | None = None, given: dict[str, Any] | None = None) -> Any:
        with application.test_request_context("/"):
            html = render_template_string(FIELD, form=form_with(it, sent), given=given or {})
        return html5lib.parseFragment(html, namespaceHTMLElements=False)

    return drawn


@pytest.mark.parametrize("kind", [web_forms.RadioGroupField, web_forms.DropdownField, web_forms.CheckboxGroupField])
@pytest.mark.parametrize("sent", ["3", "x"])
def test_a_choice_that_was_not_offered_is_answered_in_our_own_words(application: Flask, kind: Any, sent: str) -> None:
    with application.test_request_context("/"):
        form = form_with(kind("Which?", choices=[web_forms.SelectChoice(1, "One")], coerce=int), [("it", sent)])
        assert [message for _id, message in form.problems] == ["Choose one of the options"]


def one(tree: Any, path: str) -> Any:
    found = tree.findall(path)
    assert len(found) == 1
    return found[0]


def test_a_hint_and_an_error_are_tied_to_the_control_they_speak_of(draw: Any) -> None:
    tree = draw(web_forms.EmailField("E-mail", description="We never publish it"), [("it", "nobody")])
    control = one(tree, ".//input")
    assert control.get("aria-describedby") == "it-hint it-error"
    assert control.get("aria-invalid") == "true"
    assert one(tree, ".//*[@id='it-hint']").text == "We never publish it"
    assert control.get("value") == "nobody"


def test_what_was_typed_cannot_become_markup(draw: Any) -> None:
    tree = draw(web_forms.LineField("Name"), [("it", '"><script>alert(1)</script>')])
    assert one(tree, ".//input").get("value") == '"><script>alert(1)</script>'
    assert tree.findall(".//script") == []


def test_a_first_empty_line_survives_the_textarea(draw: Any) -> None:
    class Kept(web_forms.LongTextField):
        def process_formdata(self, valuelist: list[Any]) -> None:
            self.data = valuelist[0]

    tree = draw(Kept("Comment", most=10), [("it", "\nsecond")])
    assert one(tree, ".//textarea").text == "\nsecond"


def test_a_password_is_never_sent_back(draw: Any) -> None:
    assert not one(draw(web_forms.AccountPasswordField("Password"), [("it", "correct horse")]), ".//input").get("value")


def test_the_error_summary_leads_to_the_first_of_several_choices(draw: Any) -> None:
    choices = [web_forms.SelectChoice("a", "A"), web_forms.SelectChoice("b", "B", {"hint": "Rarely"})]
    tree = draw(web_forms.RadioGroupField("Which?", [web_forms.required("Choose one")], choices=choices), [])
    buttons = tree.findall(".//input")
    assert [button.get("id") for button in buttons] == ["it", "it-1"]
    assert [label.get("for") for label in tree.findall(".//label")] == ["it", "it-1"]
    assert buttons[1].get("aria-describedby") == "it-1-note"
    assert one(tree, ".//fieldset").get("aria-describedby") == "it-error"


def test_chips_bear_the_stance_they_stand_for(draw: Any) -> None:
    choices = [web_forms.SelectChoice("concern", "Concern")]
    tree = draw(web_forms.RadioGroupField("Kind", choices=choices, widget=widgets.ChipGroup()), [("it", "concern")])
    assert one(tree, ".//*[@class='chip concern']/input").get("checked") is not None


def test_choices_with_groups_are_shown_under_their_headings(draw: Any) -> None:
    choices = [
        web_forms.SelectChoice("PE", "Peru", optgroup="Americas"),
        web_forms.SelectChoice("MA", "Morocco", optgroup="Africa"),
    ]
    tree = draw(web_forms.DropdownField("Country", choices=choices), [("it", "MA")])
    assert [group.get("label") for group in tree.findall(".//optgroup")] == ["Americas", "Africa"]
    assert one(tree, ".//option[@selected]").text == "Morocco"


def test_a_check_box_has_its_sentence_beside_it(draw: Any) -> None:
    tree = draw(web_forms.BooleanField("I may speak for it", description="Ask your board"), [("it", "y")])
    assert one(tree, ".//label").text == "I may speak for it"
    assert one(tree, ".//input").get("aria-describedby") == "it-hint"
    assert one(tree, ".//input").get("checked") is not None


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        (["31", "1", "2027", "17:00"], "2027-01-31 17:00:00"),
        (["٣١", "1", "2027", "9.05"], "2027-01-31 09:05:00"),
        (["", "", "", ""], "None"),
    ],
)
def test_a_moment_is_read_from_its_parts(application: Flask, typed: list[str], read: str) -> None:
    with application.test_request_context("/"):
        form = form_with(web_forms.DateTimePartsField("When?"), [("it", part) for part in typed])
    assert str(form.it.data) == read
    assert form.it.errors == () or form.it.errors == []


@pytest.mark.parametrize(
    "typed", [["31", "2", "2027", "17:00"], ["31", "1", "2027", "25:00"], ["31", "1"], ["x", "", "", ""]]
)
def test_a_day_that_does_not_exist_is_refused_and_kept_as_typed(
    draw: Any, application: Flask, typed: list[str]
) -> None:
    tree = draw(web_forms.DateTimePartsField("When?"), [("it", part) for part in typed])
    assert [box.get("value") or "" for box in tree.findall(".//input")] == [*typed, "", "", ""][:4]
    assert "Enter a real date" in "".join(tree.itertext())
