"""The interface speaks the reader's language, and guidelines and items may be in many."""

import re

import pytest
from django.conf import settings
from django.urls import reverse

from annotate import services
from annotate.models import Item

LANGUAGES = [code for code, _ in settings.LANGUAGES]


def speak(client, language):
    return client.post(reverse("set_language"), {"language": language}, HTTP_REFERER="http://testserver/")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_opens_and_says_which_it_is(world, language):
    client = world.client(world.owner)
    assert speak(client, language).status_code == 302
    html = client.get(reverse("home")).content.decode()
    assert f'<html lang="{language}"' in html
    assert (' dir="rtl"' in html.split(">", 2)[1]) == (language == "ar")
    assert re.search(rf'value="{language}"[^>]*aria-current="true"', html)


def test_the_browsers_language_counts_until_somebody_chooses(world):
    client = world.client(world.owner)
    assert 'lang="fr"' in client.get(reverse("home"), HTTP_ACCEPT_LANGUAGE="fr-CA,fr;q=0.9").content.decode()
    speak(client, "es")
    assert 'lang="es"' in client.get(reverse("home"), HTTP_ACCEPT_LANGUAGE="fr").content.decode()


def test_a_language_that_is_not_there_changes_nothing(world):
    client = world.client(world.owner)
    speak(client, "xx")
    assert 'lang="en"' in client.get(reverse("home")).content.decode()


def test_words_of_scripts_come_as_a_script(world):
    answer = world.client(world.owner).get(reverse("words_of_scripts"), HTTP_ACCEPT_LANGUAGE="de")
    assert answer["Content-Type"].startswith("text/javascript")
    assert "gettext" in answer.content.decode()


def test_guidelines_in_the_readers_language_else_as_they_were_written(world):
    services.update_project(project=world.project, translations={"de": "Lies *beide*."})
    client = world.client(world.members["annotator"])
    address = reverse("guidelines", args=[world.project.pk])
    assert "<em>beide</em>" in client.get(address, HTTP_ACCEPT_LANGUAGE="de").content.decode()
    assert "Guidelines" in client.get(address, HTTP_ACCEPT_LANGUAGE="fr").content.decode()


def test_translations_are_saved_and_empty_ones_left_out(world):
    client = world.client(world.owner)
    client.post(reverse("translations", args=[world.project.pk]), {"de": "Hallo", "ar": "  "})
    world.project.refresh_from_db()
    assert world.project.translations == {"de": "Hallo"}


@pytest.mark.parametrize("bad", [{"xx": "?"}, {"de": 1}, ["de"]])
def test_other_translations_are_refused(world, bad):
    with pytest.raises(Exception, match="language") as caught:
        services.update_project(project=world.project, translations=bad)
    assert "translations" in caught.value.message_dict


def test_tasks_by_the_language_of_their_item(world):
    first = Item.objects.filter(project=world.project).first()
    first.metadata = {"language": "de"}
    first.save()
    client = world.client(world.owner)
    address = reverse("tasks", args=[world.project.pk])
    assert 'name="language"' in client.get(address).content.decode()
    rows = client.get(address, {"language": "de"}).context["rows"]
    assert [row["task"].item_id for row in rows] == [first.pk]


def test_reasons_are_read_in_any_language_and_kept_in_one(world):
    client = world.client(world.members["annotator"])
    page = client.get(reverse("workbench", args=[world.project.pk]), HTTP_ACCEPT_LANGUAGE="de").content.decode()
    assert 'value="I cannot decide"' in page
    assert "<span>I cannot decide</span>" not in page
