"""Who folds what: everything that is left once, in groups of about the same size."""

from hypothesis import given
from hypothesis import strategies as st

from libs.events.flow.spreading import divided

lefts = st.dictionaries(st.tuples(st.sampled_from("ab"), st.integers(0, 11)), st.integers(-5, 10_000), max_size=24)


@given(lefts, st.integers(1, 9))
def test_everything_left_is_in_one_group_and_none_waits_for_a_much_larger_one(
    left: dict[tuple[str, int], int], processes: int
) -> None:
    groups = divided(left, processes)
    todo = {what: size for what, size in left.items() if size > 0}
    assert sorted(what for group in groups for what in group) == sorted(todo)
    assert len(groups) == min(processes, len(todo))
    sizes = [sum(todo[what] for what in group) for group in groups]
    assert not sizes or max(sizes) - min(sizes) <= max(todo.values())
