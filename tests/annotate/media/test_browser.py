"""A real browser plays, seeks and shows what is stored, under the pages' own Content-Security-Policy."""

import pytest

from annotate.media.selectors import shown
from annotate.media.services import store
from tests.annotate.media.making import clip, glb
from tests.world import World, pdf, tone

PLAY = """async ({name, url, at}) => {
    const player = document.createElement(name);
    player.muted = true;
    player.src = url;
    document.body.append(player);
    const happens = (event) => new Promise((done, fail) => {
        player.addEventListener(event, done, {once: true});
        player.addEventListener("error", () => fail(player.error.message), {once: true});
    });
    await happens("loadeddata");
    player.currentTime = at;
    await happens("seeked");
    return {duration: player.duration, at: player.currentTime, width: player.videoWidth ?? 0};
}"""
SHOW = """async (url) => {
    const image = new Image();
    image.src = url;
    await image.decode();
    return [image.naturalWidth, image.naturalHeight];
}"""


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_every_medium(chromium, live_server, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"
    world = World()
    made = {"video": clip(".webm"), "audio": tone(1.0), "model": glb(), "document": pdf()}
    refs = {name: store(organisation=world.organisation, content=content).ref for name, content in made.items()}
    files = shown(world.organisation.pk, refs.values())
    client = world.client(world.members["annotator"])
    context = chromium.new_context()
    context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}])
    page = context.new_page()
    page.goto(live_server.url)
    for name, at in (("video", 0.6), ("audio", 0.5)):
        played = page.evaluate(PLAY, {"name": name, "url": files[refs[name]]["url"], "at": at})
        assert played["duration"] == pytest.approx(1, abs=0.1)
        assert played["at"] == pytest.approx(at, abs=0.1)
        assert played["width"] == (64 if name == "video" else 0)
    assert page.evaluate(SHOW, files[refs["document"]]["page_url"]) == [1200, 1600]
    for file in files.values():
        assert min(page.evaluate(SHOW, file["thumbnail"])) > 0
    model = page.evaluate(
        "async (url) => (await (await fetch(url)).arrayBuffer()).byteLength", files[refs["model"]]["url"]
    )
    assert model == len(glb())
    context.close()
