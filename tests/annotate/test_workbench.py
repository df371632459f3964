"""Letters, excerpts, and how much there is for a rater."""

import pytest

from annotate import workbench


def test_letters_go_on_after_z():
    letters = list(workbench.letters([str(n) for n in range(60)]).values())
    assert letters[:3] == ["A", "B", "C"]
    assert letters[25:28] == ["Z", "A2", "B2"]
    assert len(set(letters)) == 60


@pytest.mark.parametrize(
    ("prompt", "beginning"),
    [
        ([], ""),
        ([{"role": "user", "content": " Why \n so? "}], "Why so?"),
        ([{"role": "user", "content": "First"}, {"role": "assistant", "content": "No"}], "First"),
        (
            [{"role": "user", "content": "1"}, {"role": "assistant", "content": "2"}, {"role": "user", "content": "3"}],
            "3",
        ),
        ([{"role": "system", "content": "Be kind"}], "Be kind"),
        ([{"role": "user", "content": "x" * 10**6}], "x" * workbench.EXCERPT),
    ],
)
def test_excerpt_is_what_the_person_said_last(prompt, beginning):
    assert workbench.excerpt(prompt) == beginning


def test_a_megabyte_of_text_can_be_labelled(world):
    from annotate import services

    services.add_items(
        project=world.project,
        items=[
            services.NewItem(
                external_id="huge",
                prompt=[{"role": "user", "content": "?"}],
                responses=(services.NewResponse(text="word " * 200_000), services.NewResponse(text="")),
            )
        ],
    )
    task = world.project.tasks.get(item__external_id="huge")
    type(task).objects.filter(pk=task.pk).update(priority=9)
    answer = world.client(world.owner).get(f"/projects/{world.project.pk}/annotate/")
    assert answer.status_code == 200
    assert answer.content.count(b"word ") >= 200_000
    assert "This response is empty." in answer.content.decode()


def test_files_keep_the_number_by_which_texts_name_them():
    found = {"sha256:b": {"ref": "sha256:b", "url": "/b", "width": 1, "height": 1}}
    (file,) = workbench.files_of(found, ["sha256:gone", "sha256:b"], "Response A")
    assert (file["index"], file["type"], file["alt"]) == (1, "image", "Response A 2")
    assert workbench.not_placed([file], ["![x](media:0)"]) == [file]
    assert workbench.not_placed([file], ["No.", "![x](media:1)"]) == []
    film = file | {"type": "video"}
    assert workbench.not_placed([film], ["![x](media:1)"]) == [film], "only images stand within a text"


@pytest.mark.parametrize(
    ("metadata", "language", "titles"),
    [
        ({}, {}, []),
        ({"language": "de", "documents": [{"title": "T", "text": "x"}]}, {"tag": "de", "title": "German"}, ["T"]),
        ({"language": "tlh"}, {"tag": "tlh", "title": "tlh"}, []),
        ({"language": 'en" onclick="x'}, {}, []),
        ({"language": ["en"], "documents": "text"}, {}, []),
        ({"documents": [{"text": "x"}, {"title": "T"}, 5, {"title": 3, "text": "y"}]}, {}, ["Document 1", "3"]),
        ({"documents": [{"text": "x"}] * 500}, {}, [f"Document {n}" for n in range(1, 51)]),
    ],
)
def test_metadata_of_any_shape_shows_its_language_and_documents(world, metadata, language, titles):
    item = world.lease().task.item
    item.metadata = metadata | {"mask": metadata.get("mask", 5)}
    item.save()
    view = workbench.view_of(world.lease())
    assert view["language"] == language
    assert [document["title"] for document in view["documents"]] == titles
    assert view["mask"] is None


def test_panes_say_which_of_the_media_they_show_where_a_text_shows_others(world):
    from annotate import queue, services
    from annotate.media.services import store
    from tests.world import png

    project = world.make_project("Pictures", overlap=1)
    refs = tuple(store(organisation=world.organisation, content=png("green", (8, side))).ref for side in (5, 7))
    told = services.NewResponse(text="See ![the first](media:0).", media=refs)
    item = services.NewItem(
        external_id="i", prompt=[{"role": "user", "content": "?"}], responses=(told, services.NewResponse(text="No."))
    )
    services.add_items(project=project, items=[item])
    rater = services.person_rater(organisation=world.organisation, user=world.owner)
    view = workbench.view_of(queue.lease_next(project=project, rater=rater))
    (pane,) = next(response["panes"] for response in view["responses"] if response["media"])
    assert (pane["index"], pane["ref"]) == (1, refs[1])
    page = world.client(world.owner).get(f"/projects/{project.pk}/annotate/").content.decode()
    assert page.count("data-pane=") == 1
    assert 'data-medium="1"' in page


def test_a_time_range_ends_before_its_recording_does(world):
    from annotate import feedback, services

    question = {"name": "faults", "kind": "time_range", "title": "Where?"}
    project = world.make_project("Sounds", [question], overlap=1)
    heard = services.NewResponse(text="", media=(world.audio.ref,))
    item = services.NewItem(external_id="i", prompt=[{"role": "user", "content": "?"}], responses=(heard,))
    services.add_items(project=project, items=[item])
    task = project.tasks.get()
    asked = project.form.questions.get().asked(task)
    category = asked.settings["categories"][0]["name"]
    (key,) = task.responses

    def marked(finish):
        return {key: [{"medium": 0, "begin": 0, "finish": finish, "category": category}]}

    feedback.validate("time_range", marked(0.1), asked)
    with pytest.raises(feedback.InvalidAnswer, match="over after"):
        feedback.validate("time_range", marked(100), asked)
