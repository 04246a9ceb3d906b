"""Personal values: bound to where they belong, unreadable without their key, found again by blind index."""

import time
from typing import Any

import msgspec
import pytest

from libs.events.errors import Poison
from libs.events.ids import make_id
from libs.events.sealing import CACHE_SECONDS, Sealer, StoredKeys, SubjectIsErased, normal_name, person_subject
from libs.events.settings import LOCAL_MASTER_KEY
from libs.events.store.memory import MemoryState


@pytest.fixture
def state() -> MemoryState:
    return MemoryState()


def keys_of(state: MemoryState) -> StoredKeys:
    return StoredKeys(state.documents("keys"), LOCAL_MASTER_KEY, state.documents("erasures"))


def sealer(state: MemoryState, deployment: str = "test") -> Sealer:
    return Sealer(keys_of(state), deployment, "pepper")


async def test_a_value_comes_back(state: MemoryState) -> None:
    sealed = await sealer(state).seal("s1", "contact", "张示例")
    assert "张示例" not in str(sealed)
    assert await sealer(state).open(sealed) == "张示例"


async def test_two_sealings_of_one_value_differ(state: MemoryState) -> None:
    one = sealer(state)
    assert (await one.seal("s1", "contact", "x")).ciphertext != (await one.seal("s1", "contact", "x")).ciphertext


@pytest.mark.parametrize("field", ["label", "ciphertext", "nonce"])
async def test_a_value_moved_or_changed_does_not_open(state: MemoryState, field: str) -> None:
    sealed = await sealer(state).seal("s1", "contact", "x")
    other = await sealer(state).seal("s1", "phone", "y")
    with pytest.raises(Poison):
        await sealer(state).open(msgspec.structs.replace(sealed, **{field: getattr(other, field)}))


async def test_another_deployment_cannot_open_it(state: MemoryState) -> None:
    sealed = await sealer(state).seal("s1", "contact", "x")
    with pytest.raises(Poison):
        await sealer(state, "other").open(sealed)


async def test_a_destroyed_key_reads_as_erased_and_is_never_made_again(state: MemoryState) -> None:
    one, other = sealer(state), sealer(state)
    sealed = await one.seal("s1", "contact", "x")
    file = await one.encrypt_blob("s1", b"x")
    assert await keys_of(state).destroy("s1")
    assert not await keys_of(state).destroy("s1"), "the second time there is nothing to destroy"
    assert (await other.open(sealed), await other.decrypt_blob("s1", file)) == (None, None)
    with pytest.raises(SubjectIsErased):
        await other.seal("s1", "contact", "again")
    assert await state.documents("keys").find({}) == []


async def test_a_process_that_heard_of_an_erasure_forgets_at_once(state: MemoryState) -> None:
    one = sealer(state)
    sealed = await one.seal("s1", "contact", "x")
    file = await one.encrypt_blob("s1", b"x")
    one.forget("s1")
    assert (await one.open(sealed), await one.decrypt_blob("s1", file)) == (None, None)
    with pytest.raises(SubjectIsErased) as refused:
        await one.seal("s1", "contact", "again")
    assert refused.value.status == 410 and refused.value.way_out
    assert await sealer(state).open(sealed) == "x", "the key itself was not destroyed here"


async def test_a_key_read_while_its_owner_is_erased_is_not_kept(state: MemoryState) -> None:
    one = sealer(state)
    sealed = await sealer(state).seal("s1", "contact", "x")
    reading = one._keys.get

    async def slow(subject: str) -> tuple[str, bytes] | None:
        found = await reading(subject)
        one.forget(subject)
        return found

    one._keys.get = slow  # type: ignore[method-assign]
    assert await one.open(sealed) is None
    assert one._cache == {}


async def test_a_key_that_a_backup_brought_back_opens_nothing(state: MemoryState) -> None:
    sealed = await sealer(state).seal("s1", "contact", "x")
    (backup,) = await state.documents("keys").find({})
    await keys_of(state).destroy("s1")
    await state.documents("keys").insert(backup)
    assert await sealer(state).open(sealed) is None
    with pytest.raises(SubjectIsErased):
        await sealer(state).seal("s1", "contact", "y")


async def test_a_key_made_while_its_owner_is_erased_does_not_stay(state: MemoryState) -> None:
    keys = keys_of(state)
    inserting = keys._documents.insert

    async def late(document: dict[str, Any]) -> None:
        await keys_of(state).destroy("s1")
        await inserting(document)

    keys._documents.insert = late  # type: ignore[method-assign]
    with pytest.raises(SubjectIsErased):
        await keys.get_or_make("s1")
    assert await state.documents("keys").find({}) == []


async def test_the_key_is_stored_wrapped_only(state: MemoryState) -> None:
    keys = keys_of(state)
    _, key = await keys.get_or_make("s1")
    assert key.hex() not in str(await state.documents("keys").find({}))
    assert (await keys.get_or_make("s1"))[1] == key


async def test_blobs_are_encrypted(state: MemoryState) -> None:
    one = sealer(state)
    stored = await one.encrypt_blob("e1", b"content" * 100)
    assert b"content" not in stored
    assert await one.decrypt_blob("e1", stored) == b"content" * 100


def test_a_blind_index_is_the_same_again_and_says_nothing() -> None:
    one = sealer(MemoryState())
    assert one.blind("phone", "+8613800000000") == one.blind("phone", "+8613800000000")
    assert one.blind("phone", "x") != one.blind("login", "x")
    assert "138" not in one.blind("phone", "+8613800000000")


def test_a_person_is_one_subject_however_the_name_is_typed(state: MemoryState) -> None:
    one = sealer(state)
    assert one.person("e1", "Ａnna 李") == one.person("e1", " anna李 ")
    assert len({one.person("e1", "张三"), one.person("e2", "张三"), one.person("e1", "李四")}) == 3


async def test_who_has_a_key_and_who_was_erased_is_told(state: MemoryState) -> None:
    keys, one = keys_of(state), sealer(state)
    for subject in ("kept", "gone"):
        await one.seal(subject, "contact", "x")
    await keys.destroy("gone")
    assert [await keys.known(subject) for subject in ("kept", "gone", "never")] == [True, True, False]
    assert await keys.erased_among(["kept", "gone", "never"]) == {"gone"}
    await state.documents("keys").insert({"_id": "gone", "key": "k", "wrapped": ""})
    assert await keys.erased_among(["gone"]) == set(), "a key that came back is not gone"
    assert not one.is_erased("gone")
    one.forget("gone")
    assert one.is_erased("gone") and not one.is_erased("kept")


class AskedKeys(StoredKeys):
    """Counts how often the key database is asked."""

    asked = 0

    async def get(self, subject: str) -> tuple[str, bytes] | None:
        self.asked += 1
        return await super().get(subject)


@pytest.mark.parametrize("first", ["writes", "reads"])
async def test_a_key_is_asked_for_once_a_minute(
    state: MemoryState, first: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    sealed = await sealer(state).seal("s1", "contact", "x")
    keys, now = AskedKeys(state.documents("keys"), LOCAL_MASTER_KEY, state.documents("erasures")), [1_000.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    one = Sealer(keys, "test", "pepper")
    for _ in range(3):
        if first == "writes":
            await one.seal("s1", "contact", "y")
        assert await one.open(sealed) == "x"
    assert keys.asked == 1
    now[0] += CACHE_SECONDS
    await one.open(sealed)
    assert keys.asked == 1
    now[0] += 0.1
    await one.open(sealed)
    await one.open(sealed)
    assert keys.asked == 2


async def test_a_subject_has_one_key_with_one_name(state: MemoryState) -> None:
    one, other = await keys_of(state).get_or_make("s1"), await keys_of(state).get_or_make("s1")
    assert one == other and one[0] == make_id("key", "s1")


def test_a_person_is_named_by_place_and_name() -> None:
    assert person_subject("place", "name") == make_id("subject", "place", "name")
    assert normal_name(" Ａｂ\u3000Ｃ ") == "abc"
