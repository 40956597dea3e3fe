"""Settings from the environment and from a file."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from alliance.core import settings
from alliance.core.errors import SettingsError


def test_without_anything_set_it_works_here(tmp_path: Path) -> None:
    found = settings.load({})
    assert found.database.startswith("sqlite:///")
    assert found.rate_limits


def test_the_environment_wins_over_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".env").write_text(
        "# a comment\nexport ALLIANCE_BASE_URL='https://from.file'\nALLIANCE_LOG_FORMAT=json\nOTHER=x\n", encoding="utf-8"
    )
    monkeypatch.setenv("ALLIANCE_BASE_URL", "https://from.environment/")
    found = settings.load()
    assert found.base_url == "https://from.environment"
    assert found.log_format == "json"
    assert found.secure


def test_a_mistyped_name_is_an_error() -> None:
    with pytest.raises(SettingsError, match="ALLIANCE_REDIS_ULR is not a setting"):
        settings.load({"ALLIANCE_REDIS_ULR": "redis://x"})


def test_the_secret_is_made_once_and_for_its_owner_only(tmp_path: Path) -> None:
    given = settings.load({"ALLIANCE_DATA_DIR": str(tmp_path / "data")})
    first, second = settings.prepare(given), settings.prepare(given)
    assert first.secret_key == second.secret_key
    assert len(first.secret_key) == 64
    assert stat.S_IMODE((tmp_path / "data" / "secret_key").stat().st_mode) == 0o600


def test_a_secret_that_is_given_is_not_written(tmp_path: Path) -> None:
    given = settings.load({"ALLIANCE_DATA_DIR": str(tmp_path / "data"), "ALLIANCE_SECRET_KEY": "given" * 8})
    assert settings.prepare(given).secret_key == "given" * 8
    assert not (tmp_path / "data" / "secret_key").exists()


def test_a_directory_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(SettingsError, match="cannot be written"):
        settings.prepare(settings.load({"ALLIANCE_DATA_DIR": str(tmp_path / "file")}))


def test_what_is_written_is_nobody_elses_to_read(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    settings.prepare(settings.Settings(data_dir=folder))
    (folder / "mail").mkdir()
    (folder / "alliance.db-wal").touch()
    assert {oct(path.stat().st_mode & 0o777) for path in (folder, folder / "mail")} == {"0o700"}
    assert {oct(path.stat().st_mode & 0o777) for path in folder.glob("*_key")} == {"0o600"}
    assert (folder / "alliance.db-wal").stat().st_mode & 0o777 == 0o600


def test_what_earlier_versions_left_readable_is_closed(tmp_path: Path) -> None:
    (tmp_path / "mail").mkdir()
    files = [tmp_path / name for name in ("alliance.db", "alliance.db-shm", "jobs.db", "mail/one.eml")]
    for file in files:
        file.touch()
        file.chmod(0o644)
    (tmp_path / "mail").chmod(0o755)
    other = tmp_path / "not-ours.txt"
    other.touch()
    other.chmod(0o644)
    settings.prepare(settings.Settings(data_dir=tmp_path))
    assert {file.stat().st_mode & 0o777 for file in files} == {0o600}
    assert (tmp_path / "mail").stat().st_mode & 0o777 == 0o700
    assert other.stat().st_mode & 0o777 == 0o644


@pytest.mark.parametrize("given", ["yes", "public", "127.0.0.1"])
def test_whom_figures_are_told_is_one_of_three_words(given: str) -> None:
    with pytest.raises(SettingsError, match="ALLIANCE_METRICS must be off, loopback or on"):
        settings.load({"ALLIANCE_METRICS": given})
    assert settings.load({}).metrics == "off"
