"""The documents are true: their commands run or at least exist, links lead somewhere, tables are current."""

import ast
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import get_commands, load_command_class

LEFT_OUT = {"DATABASE_URL", "REDIS_URL", "DJANGO_ALLOW_ASYNC_UNSAFE"}
ROOT = Path(__file__).resolve().parents[1]
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
SHELLS = {"bash", "console", "sh"}
LANGUAGES = SHELLS | {"json", "yaml", "python", "html", "toml", "text"}


class Block:
    """A fenced block: its document, its line, the words after the fence, and what it holds."""

    def __init__(self, path: Path, line: int, info: str, text: str) -> None:
        self.path, self.line, self.text = path, line, text
        self.language, *self.flags = info.split() or [""]

    @property
    def commands(self) -> str:
        """What a reader types: of a console only the lines after the prompt."""
        if self.language != "console":
            return self.text
        return "".join(line[2:] for line in self.text.splitlines(keepends=True) if line.startswith("$ "))

    @property
    def runs(self) -> bool:
        return "no-run" not in self.flags

    def __repr__(self) -> str:
        return f"{self.path.relative_to(ROOT)}:{self.line}"


def blocks(path: Path) -> list[Block]:
    found = re.finditer(r"^```([^\n]*)\n(.*?)^```$", path.read_text(), re.MULTILINE | re.DOTALL)
    return [
        Block(path, path.read_text().count("\n", 0, match.start()) + 1, match[1].strip(), match[2]) for match in found
    ]


BLOCKS = [block for path in DOCUMENTS for block in blocks(path)]
SHELL_BLOCKS = [block for block in BLOCKS if block.language in SHELLS]


def lines_of_words(block: Block) -> list[list[str]]:
    """The block's commands as words; continued lines are joined, here-documents and comments left out."""
    text = re.sub(r"<<'?(\w+)'?\n.*?\n\1\n", "\n", block.commands, flags=re.DOTALL).replace("\\\n", " ")
    commands = []
    for line in re.split(r"\n|&&|\|", text):
        words = shlex.split(line, comments=True)
        while words and re.fullmatch(r"[A-Z_]+=.*", words[0]):
            words = words[1:]
        if words:
            commands.append(words)
    return commands


@pytest.mark.parametrize("block", BLOCKS, ids=repr)
def test_a_block_says_what_it_is(block):
    assert block.language in LANGUAGES, f"{block} is marked {block.language!r}"


@pytest.mark.parametrize("block", SHELL_BLOCKS, ids=repr)
def test_a_command_block_is_valid_shell(block):
    done = subprocess.run(["bash", "-n"], input=block.commands, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("block", SHELL_BLOCKS, ids=repr)
def test_what_a_command_block_names_exists(block):
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    for words in lines_of_words(block):
        if words[0] == "make":
            named = [word for word in words[1:] if "=" not in word]
            assert set(named) <= targets, f"make has no target {named}"
        elif "manage.py" in words:
            name, *arguments = words[words.index("manage.py") + 1 :]
            assert name in get_commands(), f"there is no command {name}"
            parse_by_django(name, arguments)
        elif words[1:3] == ["-m", "rewardtrain"]:
            from rewardtrain.__main__ import _parser

            _parser().parse_args(words[3:])
        elif words[0].endswith("python") and words[1:] and words[1].endswith(".py"):
            assert (ROOT / words[1]).is_file(), f"there is no {words[1]}"


def parse_by_django(name: str, arguments: list[str]) -> None:
    """Parse arguments as the command would; an unknown option or a missing argument raises."""
    app = get_commands()[name]
    command = load_command_class(app, name) if isinstance(app, str) else app
    command._called_from_command_line = False
    command.create_parser("manage.py", name).parse_args(arguments)


@pytest.mark.slow
@pytest.mark.parametrize("path", [path for path in DOCUMENTS if any(b.runs for b in SHELL_BLOCKS if b.path == path)])
def test_commands_run(path, tmp_path):
    """The runnable blocks of one document, in order, on one scratch data folder."""
    env = {name: value for name, value in os.environ.items() if name not in LEFT_OUT}
    env["DATA_DIR"] = str(tmp_path / "data")
    migrate = [sys.executable, "manage.py", "migrate", "--verbosity", "0"]
    subprocess.run(migrate, cwd=ROOT, env=env, check=True, timeout=120)
    for block in (block for block in SHELL_BLOCKS if block.path == path and block.runs):
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", block.commands],
            cwd=ROOT, env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=300,
        )  # fmt: skip
        assert done.returncode == 0, f"{block}\n{done.stdout}\n{done.stderr}"


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_links_lead_somewhere(path):
    text = re.sub(r"^```.*?^```$", "", path.read_text(), flags=re.MULTILINE | re.DOTALL)
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if re.match(r"[a-z]+:", target):
            continue
        name, _, anchor = target.partition("#")
        file = (path.parent / name) if name else path
        assert file.exists(), f"{path.name} links to {target}"
        if anchor:
            assert anchor in {slug(title) for title in re.findall(r"^#+ (.+)$", file.read_text(), re.MULTILINE)}


def slug(title: str) -> str:
    """A heading's anchor, as GitHub makes it."""
    return re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")


def tables(path: Path) -> list[tuple[str, str]]:
    """The tables that a document repeats: the file that they come from, and what stands in the document."""
    return re.findall(r"^<!-- table: (\S+) -->\n(.*?)^<!-- end -->$", path.read_text(), re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("source", ["config/settings.py", "config/processes.py"])
def test_the_tables_of_settings_are_those_of_the_code(source):
    docstring = ast.get_docstring(ast.parse((ROOT / source).read_text())) or ""
    rows = [line for line in docstring.splitlines() if line.startswith("|")]
    (shown,) = [text for name, text in tables(ROOT / "docs" / "operators.md") if name == source]
    assert [line for line in shown.splitlines() if line] == rows, f"copy the table of {source} into docs/operators.md"


def test_every_variable_that_the_code_reads_is_documented():
    read = set()
    for name in ("settings", "processes"):
        source = (ROOT / "config" / f"{name}.py").read_text()
        read |= set(re.findall(r"(?:environ(?:\.get\(|\[)|_flag\(|_list\()\"([A-Z0-9_]+)\"", source))
        read |= set(re.findall(r"environ\.get\('([A-Z0-9_]+)'", source))
    text = (ROOT / "docs" / "operators.md").read_text()
    assert read - set(re.findall(r"^\| ([A-Z][A-Z0-9_]+)\s*\|", text, re.MULTILINE)) == set()


def test_every_folder_of_plugins_is_in_the_contributors_table():
    table = (ROOT / "docs" / "contributors.md").read_text()
    folders = {}
    for package in ("annotate", "curation", "rewardtrain"):
        for path in (ROOT / package).rglob("__init__.py"):
            if contract := re.search(r"tests/\S+/test_contract\.py", path.read_text()):
                folders[path.parent.relative_to(ROOT).as_posix()] = contract[0]
    assert len(folders) >= 7
    for folder, contract in folders.items():
        assert (ROOT / contract).is_file(), f"{folder} names {contract}, which does not exist"
        row = next((line for line in table.splitlines() if f"`{folder}/<" in line), "")
        assert contract in row, f"docs/contributors.md does not tell how to add to {folder}"


def test_no_path_of_a_machine_stands_in_the_documents():
    for path in DOCUMENTS:
        found = re.search(r"(?<![\w.])/(?:work|opt|home|root|tmp)/\S*", path.read_text())
        assert not found, f"{path.name} names {found[0]}"
