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
