"""The operator's file of model servers."""

import pytest

from curation.judging import endpoints

pytestmark = pytest.mark.django_db
ONE = "name: a\n    client: openai_compatible\n    url: http://x/v1\n    model: m"


@pytest.fixture
def write(settings, tmp_path):
    settings.MODEL_SERVERS = tmp_path / "model_servers.yaml"

    def written(more="", text=None):
        settings.MODEL_SERVERS.write_text(text or f"endpoints:\n  - {ONE}\n{more}")

    return written


def test_without_a_file_there_are_no_servers(world, settings, tmp_path):
    settings.MODEL_SERVERS = tmp_path / "nothing.yaml"
    assert endpoints.servers().of(world.organisation) == {}
    with pytest.raises(endpoints.UnknownEndpoint, match="There are: none"):
        endpoints.find(world.organisation, "a")


def test_keys_stay_in_the_environment_of_whoever_calls(world, write, monkeypatch):
    write("    api_key_env: MY_KEY\n    price_in: 2\n    without: [n, schema]\n")
    monkeypatch.delenv("MY_KEY", raising=False)
    assert endpoints.servers().endpoints["a"].api_key == "", "the web lists servers without knowing a key"
    with pytest.raises(endpoints.ServersError, match="MY_KEY, which is not set"):
        endpoints.find(world.organisation, "a")
    monkeypatch.setenv("MY_KEY", "secret")
    found = endpoints.find(world.organisation, "a")
    assert (found.api_key, found.price_in, found.without) == ("secret", 2, frozenset({"n", "schema"}))
    assert "secret" not in repr(found)


def test_an_endpoint_may_be_for_some_organisations_only(world, write):
    write(f"    organisations: [{world.elsewhere.slug}]\n")
    assert "a" in endpoints.servers().of(world.elsewhere)
    with pytest.raises(endpoints.UnknownEndpoint):
        endpoints.find(world.organisation, "a")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("endpoints: [", "cannot be read"),
        ("servers: []", "servers"),
        ("endpoints: [{name: a}]", "'client' is a required property"),
        (f"endpoints:\n  - {ONE}\n    api_key: sk-123", "'api_key' was unexpected"),
        (f"endpoints:\n  - {ONE}\n    options: {{max_tokens: 9}}", "endpoints/0/options"),
        (f"endpoints:\n  - {ONE}\n    price_in: -1", "endpoints/0/price_in"),
        (f"endpoints:\n  - {ONE.replace('http://x/v1', 'file:///etc')}", "endpoints/0/url"),
        (f"endpoints:\n  - {ONE.replace('openai_compatible', 'telepathy')}", "endpoints/0/client"),
        (f"endpoints:\n  - {ONE}\n  - {ONE}", "there twice"),
    ],
    ids=lambda value: value[-24:],
)
def test_a_file_that_is_wrong_says_where(write, text, told):
    write(text=text)
    with pytest.raises(endpoints.ServersError, match=told):
        endpoints.servers()
