"""SPEC section 6: a change goes out with the time that it takes the place of, by whatever way its patient knew that."""

from tests.support.timelines import PLACED, Timeline, came, ran, visit


def test_a_change_says_from_when_to_when(tmp_path):
    timeline = Timeline.begun_in(tmp_path)
    first = visit("A1", "P1", "06-11 10:00", "06-03 12:00", place="Rom 1")
    moved = visit("A1", "P1", "06-12 09:00", "06-03 12:00", place="Rom 2", changed="06-04 12:00")
    timeline.play(
        [
            came("06-03 12:00", first, header=PLACED),
            ran("06-03 12:05"),
            came("06-04 12:00", moved, header=PLACED),
            ran("06-04 12:05"),
        ]
    )
    [text] = timeline.texts("change")
    assert "er flyttet fra torsdag 11. juni 2026 kl. 10.00." in text
    assert "Tid: fredag 12. juni 2026 kl. 09.00\nSted: Rom 2\nTidligere sted: Rom 1" in text


def test_two_moves_before_the_first_was_told_are_told_as_one(tmp_path):
    timeline = Timeline.begun_in(tmp_path)
    timeline.play(
        [
            came("06-03 12:00", visit("A1", "P1", "06-11 10:00", "06-03 12:00")),
            ran("06-03 12:05"),
            came("06-04 12:00", visit("A1", "P1", "06-12 09:00", "06-03 12:00", changed="06-04 12:00")),
            came("06-04 12:01", visit("A1", "P1", "06-13 08:00", "06-03 12:00", changed="06-04 12:01")),
            ran("06-04 12:06"),
        ]
    )
    [text] = timeline.texts("change")
    assert "fra torsdag 11. juni" in text
    assert "Tid: lørdag 13. juni" in text
    assert "12. juni" not in text
