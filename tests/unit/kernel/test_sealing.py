"""Personal values: bound to where they belong, unreadable without their key, found again by blind index."""

import msgspec
import pytest

from libs.events.errors import Poison
from libs.events.sealing import Sealer, StoredKeys
from libs.events.settings import LOCAL_MASTER_KEY
from libs.events.store.memory import MemoryState


@pytest.fixture
def state() -> MemoryState:
    return MemoryState()


def sealer(state: MemoryState, deployment: str = "test") -> Sealer:
    return Sealer(StoredKeys(state.documents("keys"), LOCAL_MASTER_KEY), deployment, "pepper")


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


async def test_a_destroyed_key_reads_as_erased(state: MemoryState) -> None:
    sealed = await sealer(state).seal("s1", "contact", "x")
    await state.documents("keys").delete({"_id": "s1"})
    assert await sealer(state).open(sealed) is None


async def test_the_key_is_stored_wrapped_only(state: MemoryState) -> None:
    keys = StoredKeys(state.documents("keys"), LOCAL_MASTER_KEY)
    _, key = await keys.get_or_make("s1")
    assert key.hex() not in str(await state.documents("keys").find({}))
    assert (await keys.get_or_make("s1"))[1] == key


async def test_blobs_are_encrypted(state: MemoryState) -> None:
    one = sealer(state)
    stored = await one.encrypt_blob("e1", b"content" * 100)
    assert b"content" not in stored
    assert await one.decrypt_blob("e1", stored) == b"content" * 100


def test_a_blind_index_is_the_same_again_and_says_nothing() -> None:
    one = Sealer(StoredKeys(MemoryState().documents("keys"), LOCAL_MASTER_KEY), "test", "pepper")
    assert one.blind("phone", "+8613800000000") == one.blind("phone", "+8613800000000")
    assert one.blind("phone", "x") != one.blind("login", "x")
    assert "138" not in one.blind("phone", "+8613800000000")


def test_a_person_is_one_subject_however_the_name_is_typed(state: MemoryState) -> None:
    one = sealer(state)
    assert one.person("e1", "Ａnna 李") == one.person("e1", " anna李 ")
    assert len({one.person("e1", "张三"), one.person("e2", "张三"), one.person("e1", "李四")}) == 3
