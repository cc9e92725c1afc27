"""Which files are documents, and ids and keys that depend on nothing but the inputs (K1)."""

import os
from pathlib import Path

from examples.document_folder import Document, document_id, documents_in, report_key, task_key


def tree(folder: Path, *names: str) -> None:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)


def names(documents: list[Document]) -> list[str]:
    return [document.id for document in documents]


def test_documents_are_the_files_in_order_and_links_never_loop(tmp_path: Path) -> None:
    tree(tmp_path, "b.txt", "a/z.txt", "a/b/c.txt")
    (tmp_path / "a" / "again").symlink_to(tmp_path)
    (tmp_path / "a" / "link.txt").symlink_to(tmp_path / "b.txt")
    (tmp_path / "gone.txt").symlink_to(tmp_path / "nowhere")
    (tmp_path / "self").symlink_to(tmp_path / "self")
    os.mkfifo(tmp_path / "pipe")
    documents = documents_in(tmp_path)
    assert names(documents) == ["a/b/c.txt", "a/link.txt", "a/z.txt", "b.txt", "gone.txt", "self"]
    assert [document.size for document in documents] == [9, 5, 7, 5, 0, 0]


def test_patterns_choose_by_name_or_by_path(tmp_path: Path) -> None:
    tree(tmp_path, "a.pdf", "letters/b.txt", "letters/c.pdf", "notes/d.txt")
    assert names(documents_in(tmp_path, ["*.pdf"])) == ["a.pdf", "letters/c.pdf"]
    assert names(documents_in(tmp_path, ["letters/*", "a.*"])) == ["a.pdf", "letters/b.txt", "letters/c.pdf"]


def test_ids_are_1_to_64_characters_and_never_meet() -> None:
    long = "exhibits/" + "x" * 100
    hashed = document_id(long)
    paths = ["a", "x" * 63, "x" * 64, "x" * 65, long, long + "y", hashed, "line\nbreak", "line?break", "é" * 64]
    paths.append(os.fsdecode(b"latin-1 \xe9.txt"))
    ids = [document_id(path) for path in paths]
    assert len(set(ids)) == len(paths)
    assert all(1 <= len(one) <= 64 and one.isprintable() for one in ids)
    assert ids[:2] == paths[:2]
    assert hashed.startswith("exhibits/xxx")
    assert ids == [document_id(path) for path in paths]


def test_the_key_of_a_run_changes_with_its_inputs_only(tmp_path: Path) -> None:
    tree(tmp_path, "a.txt", "b.txt")
    documents = documents_in(tmp_path)
    key = task_key("case_1", tmp_path, documents, None)
    assert key == task_key("case_1", tmp_path, documents_in(tmp_path), None)
    tree(tmp_path, "c.txt")
    others = {
        task_key("case_2", tmp_path, documents, None),
        task_key("case_1", tmp_path / "x", documents, None),
        task_key("case_1", tmp_path, documents, "2"),
        task_key("case_1", tmp_path, documents_in(tmp_path), None),
        task_key("case_1", tmp_path, [documents[0], documents[1]._replace(size=9)], None),
    }
    assert len(others) == 5
    assert key not in others
    assert len(key) <= 255


def test_the_key_of_a_report_changes_with_what_it_says() -> None:
    keys = {report_key(task, number, said) for task in "ab" for number in (0, 1) for said in (["x"], ["y"])}
    assert len(keys) == 8
    assert report_key("a", 0, ["x"]) in keys
