"""Every preset makes a form, and says where its protocol comes from."""

import re

import pytest
from django.urls import reverse

from annotate import feedback, presets


@pytest.mark.parametrize("name", presets.names())
def test_contract(name):
    preset = presets.get(name)
    assert all((preset.TITLE, preset.SUMMARY, preset.__doc__))
    assert preset.FAMILY in presets.FAMILIES
    assert preset.SOURCE == "" or re.fullmatch(r"https://[\w./-]+", preset.SOURCE)
    assert isinstance(preset.GUIDELINES, str)
    for question in preset.QUESTIONS:
        feedback.settings_with_defaults(question["kind"], question["settings"])


@pytest.mark.parametrize("name", presets.names())
def test_it_makes_a_project(world, name):
    project = world.make_project(name, presets.get(name).QUESTIONS, guidelines=presets.get(name).GUIDELINES)
    for question in project.form.questions.all():
        assert question.settings == feedback.settings_with_defaults(question.kind, question.settings)


def test_all_are_offered_by_family(world):
    found = presets.by_family()
    assert sorted(name for _, members in found for name, _ in members) == list(presets.names())
    assert found[0][1][0][0] == presets.FIRST
    page = world.client(world.owner).get(reverse("new_project")).content.decode()
    for family, members in found:
        assert family in page
        for name, _ in members:
            assert f'value="{name}"' in page
