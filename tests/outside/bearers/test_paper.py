"""A parcel on paper: frames lost, doubled, shuffled and damaged; and pictures made to look like photographs."""

from __future__ import annotations

import io
import itertools
import random
import re
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw, ImageFilter

from parley.outside.bearers import BearerProblem, Label, write_armoured, write_parcel
from parley.outside.bearers.carried import read_carried, write_on_paper
from parley.outside.bearers.paper import LARGEST_ON_PAPER, gather, make_frames, read_frames, read_pictures
from parley.outside.bearers.paper.frames import MOST_FRAMES, PREFIX
from parley.outside.bearers.paper.sheet import in_terminal, page, picture

PARCEL = random.Random(1).randbytes(4_900)  # a note in the FULL profile: 10 frames needed, 4 spare


def gathered(texts: list[str]) -> Any:
    found = gather(frame for text in texts for frame in read_frames(text))
    assert len(found) == 1
    return found[0]


def key_of(call: Callable[[], Any]) -> str:
    with pytest.raises(BearerProblem) as caught:
        call()
    assert str(caught.value)
    return caught.value.key.partition(".")[2]


# -- frames


@given(st.binary(min_size=1, max_size=3_000))
@settings(max_examples=50)
def test_all_frames_give_back_what_went_in(parcel: bytes) -> None:
    assert gathered(make_frames(parcel)).parcel == parcel


@pytest.mark.parametrize("size", [1, 8, 511, 512, 513, 5_120, 20_000, LARGEST_ON_PAPER])
def test_the_frames_that_are_needed_are_the_parcel_itself(size: int) -> None:
    """So a reader without the fountain code can put them side by side."""
    parcel = random.Random(size).randbytes(size)
    frames = [read_frames(text)[0] for text in make_frames(parcel)]
    needed = frames[0].needed
    assert b"".join(frame.piece for frame in frames[:needed])[:size] == parcel
    assert len(frames) >= needed + 2
    assert len(frames) <= MOST_FRAMES


def test_any_frames_but_three_of_fourteen_suffice() -> None:
    """Ten are needed, four are spare: every choice of eleven gives the parcel back. All 364 are tried."""
    texts = make_frames(PARCEL)
    assert len(texts) == 14
    for chosen in itertools.combinations(texts, 11):
        assert gathered(list(chosen)).parcel == PARCEL


def test_nearly_any_ten_of_fourteen_suffice_and_where_not_one_more_is_asked_for() -> None:
    """What the page does not promise: exactly as many as needed. Failures are few, and told as such."""
    texts = make_frames(PARCEL)
    failed = [found for chosen in itertools.combinations(texts, 10) if (found := gathered(list(chosen))).parcel is None]
    assert len(failed) < 20  # of 1,001
    assert all(found.wanted.arguments["more"] == 1 for found in failed)


def test_shuffled_and_doubled_frames_make_no_difference() -> None:
    texts = make_frames(PARCEL)
    heap = [*texts[3:], *texts[:8]] * 2
    random.Random(2).shuffle(heap)
    assert gathered(heap).parcel == PARCEL


def test_doubles_do_not_stand_in_for_what_is_missing() -> None:
    texts = make_frames(PARCEL)
    found = gathered([*texts[:8], *texts[:8]])
    assert found.parcel is None
    assert found.wanted.arguments == {
        "parcel": found.name,
        "read": 8,
        "count": 14,
        "more": 2,
        "missing": "9, 10, 11, 12, 13, 14",
    }


def test_more_spare_frames_survive_more_loss() -> None:
    texts = make_frames(PARCEL, spare=100)
    assert len(texts) == 20
    assert gathered(texts[9:]).parcel == PARCEL


def test_frames_of_two_parcels_in_one_heap_are_told_apart() -> None:
    other = bytes(reversed(PARCEL))
    texts = [text for pair in zip(make_frames(PARCEL), make_frames(other), strict=True) for text in pair]
    found = gather(frame for text in texts for frame in read_frames(text))
    assert [heap.parcel for heap in found] == [PARCEL, other]


def test_frames_are_found_in_whatever_text_a_telephone_makes_of_them() -> None:
    text = "Scanned 20:15\r\n" + "\r\nCODE: ".join(make_frames(PARCEL)) + "\r\nend"
    assert gather(read_frames(text))[0].parcel == PARCEL


def test_a_frame_with_one_wrong_letter_is_passed_over() -> None:
    texts = make_frames(PARCEL)
    for at in range(len(PREFIX), len(texts[0]) - 1, 40):
        wrong = "A" if texts[0][at] != "A" else "B"
        assert read_frames(texts[0][:at] + wrong + texts[0][at + 1 :]) == []


@given(st.binary(min_size=31, max_size=600))
def test_whatever_a_code_says_it_is_a_frame_or_nothing(body: bytes) -> None:
    """With a right checksum too: numbers that do not belong together never reach the decoder."""
    import base64
    import zlib

    sealed = b"\x01" + body + zlib.crc32(b"\x01" + body).to_bytes(4, "big")
    text = PREFIX + base64.b32encode(sealed).decode().rstrip("=")
    for heap in gather(read_frames(text)):
        assert heap.parcel is None or len(heap.parcel) <= 512


def test_a_hostile_frame_spoils_no_heap() -> None:
    """Same parcel, another size or another count: it counts as another parcel's. Same head, another piece: the parcel's
    own digest finds it out, and nothing is given back."""
    texts = make_frames(PARCEL)
    good = [read_frames(text)[0] for text in texts]
    import msgspec

    lying = msgspec.structs.replace(good[0], size=PARCEL.__len__() - 1)
    assert gather([lying, *good])[1].parcel == PARCEL
    forged = msgspec.structs.replace(good[0], piece=bytes(512))
    assert gather([*good[1:], forged])[0].parcel is None
    assert gather([forged, *good])[0].parcel == PARCEL  # control: the honest frame of that number came after


def test_a_parcel_too_large_for_paper_is_said() -> None:
    assert key_of(lambda: make_frames(bytes(LARGEST_ON_PAPER + 1))) == "too_large_for_paper"
    assert key_of(lambda: make_frames(b"")) == "too_large_for_paper"


# -- pictures


def sheet(texts: list[str], columns: int = 2) -> Image.Image:
    """Frames as a printed sheet has them, side by side on white."""
    codes = [Image.open(io.BytesIO(picture(text, "png"))).convert("L") for text in texts]
    width, height = codes[0].size
    rows = -(-len(codes) // columns)
    made = Image.new("L", (columns * (width + 40), rows * (height + 60)), 255)
    for number, code in enumerate(codes):
        at = (number % columns) * (width + 40) + 20, (number // columns) * (height + 60) + 20
        made.paste(code, at)
    return made


def tilted(image: Image.Image, by: float = 0.12) -> Image.Image:
    """As seen from the side: the far edge is shorter."""
    width, height = image.size
    far = int(width * by)
    # Where each corner of the result comes from; solved for the eight numbers that Pillow wants.
    source = [(0, 0), (width, 0), (width, height), (0, height)]
    target = [(far, 0), (width - far, int(height * by / 2)), (width, height), (0, height - far // 3)]
    return image.transform(image.size, Image.Transform.PERSPECTIVE, _coefficients(target, source), fillcolor=200)


def _coefficients(target: list[tuple[int, int]], source: list[tuple[int, int]]) -> list[float]:
    rows = []
    for (x, y), (u, v) in zip(target, source, strict=True):
        rows.append([x, y, 1, 0, 0, 0, -u * x, -u * y, u])
        rows.append([0, 0, 0, x, y, 1, -v * x, -v * y, v])
    for column in range(8):  # Gauss and Jordan
        pivot = max(range(column, 8), key=lambda row: abs(rows[row][column]))
        rows[column], rows[pivot] = rows[pivot], rows[column]
        rows[column] = [value / rows[column][column] for value in rows[column]]
        for row in range(8):
            if row != column:
                factor = rows[row][column]
                rows[row] = [a - factor * b for a, b in zip(rows[row], rows[column], strict=True)]
    return [row[8] for row in rows]


def glare(image: Image.Image, *, over: tuple[float, float, float, float]) -> Image.Image:
    """A lamp's reflection over a part, given as shares of width and height."""
    width, height = image.size
    light = Image.new("L", image.size, 0)
    box = (over[0] * width, over[1] * height, over[2] * width, over[3] * height)
    ImageDraw.Draw(light).ellipse(box, fill=255)
    light = light.filter(ImageFilter.GaussianBlur(width / 60))
    return Image.composite(Image.new("L", image.size, 255), image, light)


def shadow(image: Image.Image) -> Image.Image:
    """Dark to one side, as under a desk lamp."""
    ramp = Image.linear_gradient("L").rotate(90).resize(image.size)
    return Image.blend(image, Image.composite(image, Image.new("L", image.size, 60), ramp), 0.5)


def noisy(image: Image.Image) -> Image.Image:
    return Image.blend(image, Image.effect_noise(image.size, 60), 0.15)


def as_jpeg(image: Image.Image, quality: int = 55) -> bytes:
    out = io.BytesIO()
    image.save(out, "JPEG", quality=quality)
    return out.getvalue()


# What a photographer does: name -> the picture that comes of a sheet. All four frames must be read.
PHOTOGRAPHS: dict[str, Callable[[Image.Image], Image.Image]] = {
    "as printed": lambda i: i,
    "turned by seven degrees": lambda i: i.rotate(7, expand=True, fillcolor=230, resample=Image.Resampling.BICUBIC),
    "upside down": lambda i: i.rotate(180),
    "turned by 38 degrees": lambda i: i.rotate(38, expand=True, fillcolor=210, resample=Image.Resampling.BICUBIC),
    "from the side": tilted,
    "out of focus": lambda i: i.filter(ImageFilter.GaussianBlur(1.8)),
    "in bad light": lambda i: noisy(shadow(i)),
    "from far away": lambda i: i.resize((i.width * 5 // 8, i.height * 5 // 8), Image.Resampling.BILINEAR),
    "all at once": lambda i: noisy(
        shadow(
            tilted(i.rotate(4, expand=True, fillcolor=220, resample=Image.Resampling.BICUBIC), 0.06).filter(
                ImageFilter.GaussianBlur(1.0)
            )
        )
    ),
}


@pytest.mark.parametrize("name", PHOTOGRAPHS)
def test_a_photographed_sheet_is_read(tmp_path: Path, name: str) -> None:
    texts = make_frames(PARCEL)[:4]
    path = tmp_path / "photo.jpg"
    path.write_bytes(as_jpeg(PHOTOGRAPHS[name](sheet(texts))))
    assert sorted(read_pictures(path).split("\n")) == sorted(texts)


def test_glare_over_a_frame_costs_that_frame_and_the_spare_ones_make_it_good(tmp_path: Path) -> None:
    """Four sheets of four (and two) frames, a lamp over one frame of each of three: eleven of fourteen are left."""
    texts = make_frames(PARCEL)
    paths = []
    for number, at in enumerate(range(0, 14, 4)):
        image = sheet(texts[at : at + 4])
        if number < 3:
            image = glare(image, over=(0.1, 0.1, 0.42, 0.42))
        path = tmp_path / f"{number}.jpg"
        path.write_bytes(as_jpeg(tilted(image, 0.05)))
        paths.append(path)
    read = [len(read_pictures(path).split("\n")) for path in paths]
    assert read == [3, 3, 3, 2]
    assert read_carried(paths) == [PARCEL]
    with pytest.raises(BearerProblem) as caught:
        read_carried(paths[:3])
    assert caught.value.key == "bearer.frames_wanted"
    assert caught.value.arguments["more"] == 1
    assert caught.value.arguments["missing"] == "1, 5, 9, 13, 14"


def test_a_picture_without_codes_is_named(tmp_path: Path) -> None:
    path = tmp_path / "cat.png"
    Image.new("L", (400, 400), 128).save(path)
    assert read_pictures(path) == ""
    assert key_of(lambda: read_carried([path])) == "no_frames"


BAD_PICTURES = {
    "only a head": b"\x89PNG\r\n\x1a\n",
    "cut in half": as_jpeg(Image.new("L", (300, 300)))[:400],
    "another format": b"GIF89a" + bytes(40),
    "numbers without end": b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\xff\xff\xff\xff\xff\xff\xff\xff\x08\x02\x00\x00\x00"
    + bytes(8),
}


@pytest.mark.parametrize("name", BAD_PICTURES)
def test_a_damaged_picture_is_said(tmp_path: Path, name: str) -> None:
    path = tmp_path / "p.png"
    path.write_bytes(BAD_PICTURES[name])
    assert key_of(lambda: read_carried([path])) in ("not_a_picture", "too_large", "no_frames")


def test_a_picture_that_would_fill_the_memory_is_not_unpacked(tmp_path: Path) -> None:
    """A few kilobytes that unpack to a hundred and fifty million pixels."""
    path = tmp_path / "bomb.png"
    Image.new("1", (12_500, 12_000)).save(path)
    assert path.stat().st_size < 100_000
    assert key_of(lambda: read_pictures(path)) == "too_large"


# -- sheets


@pytest.mark.parametrize("kind", ["svg", "png"])
def test_a_folder_of_frames_is_its_owners_and_reads_back(tmp_path: Path, kind: str) -> None:
    folder = tmp_path / "sheets"
    count, text = write_on_paper(folder, PARCEL, kind, 33)
    assert (count, text) == (14, "")
    names = sorted(path.name for path in folder.iterdir())
    assert names == [*(f"frame-{n:03}-of-014.{kind}" for n in range(1, 15)), "page.html"]
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}
    if kind == "png":
        assert read_carried(sorted(folder.glob("*.png"))[2:]) == [PARCEL]


def test_the_page_says_how_many_suffice_and_loads_nothing(tmp_path: Path) -> None:
    """No address of a network in it, no script; every frame has its number; the parties are not named."""
    texts = make_frames(PARCEL)
    made = page([read_frames(text)[0] for text in texts], texts)
    assert "any 11 give it back" in made
    assert all(f"frame {number} of 14" in made for number in range(1, 15))
    assert re.findall(r"(?:src|href)=|<script|url\(", made) == []
    assert "XA" not in re.sub(r"<svg.*?</svg>", "", made, flags=re.S)


def test_a_code_in_a_terminal_is_read_from_a_photograph_of_it(tmp_path: Path) -> None:
    """The half-block letters, drawn as a screen draws them."""
    text = make_frames(PARCEL[:300])[0]
    lines = in_terminal(text).splitlines()
    rows = []
    for line in lines:
        cells = re.sub(r"\x1b\[[0-9;]*m", "", line)
        upper = [1 if c in "█▀" else 0 for c in cells]
        lower = [1 if c in "█▄" else 0 for c in cells]
        rows += [upper, lower]
    width = max(map(len, rows))
    image = Image.new("L", (width, len(rows)), 0)
    for y, row in enumerate(rows):
        for x, lit in enumerate(row):
            image.putpixel((x, y), 255 * lit)
    path = tmp_path / "screen.png"
    image.resize((width * 6, len(rows) * 6), Image.Resampling.NEAREST).save(path)
    assert read_pictures(path) == text


def test_files_text_and_pictures_may_come_together(tmp_path: Path) -> None:
    write_parcel(tmp_path / "one.parcel", b"one")
    write_armoured(tmp_path / "two.txt", b"two", Label("XA", "XB", 1))
    (tmp_path / "three.txt").write_text("\n".join(make_frames(PARCEL)))
    assert read_carried([tmp_path / name for name in ("one.parcel", "three.txt", "two.txt")]) == [
        b"one",
        b"two",
        PARCEL,
    ]
