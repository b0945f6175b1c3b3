"""Makes the font files beside it from the TeX Gyre fonts: run once, needs fonttools and brotli.

``python subset.py PAGELLA_DIR PAGELLA_MATH_DIR`` where the folders hold ``texgyrepagella-*.otf``
and ``texgyrepagella-math.otf``. Glyphs that a report cannot need are dropped and the fonts
are renamed, as their licence asks of derived works (see README.md); nothing else is changed.
"""

from __future__ import annotations

import sys
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont

TEXT = (
    "U+0020-007E,U+00A0-017F,U+0391-03A9,U+03B1-03C9,U+2010-2015,U+2018-201E,U+2020-2022,U+2026,"
    "U+2032,U+2033,U+2190-2193,U+2212,U+221A,U+221E,U+2248,U+2260,U+2264,U+2265"
)
MATHEMATICS = (
    "U+0020-007E,U+00A0,U+00AC,U+00AF,U+00B1,U+00B7,U+00D7,U+00F7,U+0131,U+0237,U+0302-0305,U+0307,U+0308,"
    "U+20D7,U+0391-03A9,U+03B1-03C9,U+03D1,U+03D5,U+03D6,U+03F0,U+03F1,U+03F5,U+2016,U+2026,"
    "U+2032-2034,U+2061-2064,U+2102,U+210B,U+210E,U+2110,U+2112,U+2113,U+2115,U+2119-211B,U+211D,"
    "U+2124,U+212C,U+2130,U+2131,U+2133,U+2190-2194,U+21A6,U+21D0-21D4,U+2200-2209,U+220B,U+220F,"
    "U+2211-2213,U+2217-221A,U+221D,U+221E,U+2223-222B,U+2234,U+223C,U+2243,U+2245,U+2248,U+2254,"
    "U+2260-2262,U+2264,U+2265,U+226A,U+226B,U+2282,U+2283,U+2286,U+2287,U+2295-2299,U+22A2,U+22A4,"
    "U+22A5,U+22C0-22C3,U+22C5,U+22EE,U+22EF,U+22F1,U+2308-230B,U+23DE,U+23DF,U+27E8,U+27E9,"
    "U+2A7D,U+2A7E,U+1D400-1D467,U+1D49C-1D4B5,U+1D538-1D56B,U+1D6A8-1D71B,U+1D7CE-1D7E1"
)
FILES: tuple[tuple[str, str, str, str, list[str]], ...] = (
    ("texgyrepagella-regular.otf", "report-serif-regular.woff2", "Report Serif", TEXT, ["kern"]),
    ("texgyrepagella-italic.otf", "report-serif-italic.woff2", "Report Serif", TEXT, ["kern"]),
    ("texgyrepagella-bold.otf", "report-serif-bold.woff2", "Report Serif", TEXT, ["kern"]),
    ("texgyrepagella-math.otf", "report-math.woff2", "Report Math", MATHEMATICS, []),
)
FEATURES = ["liga", "mark", "lnum", "tnum", "locl"]


def main(folders: list[Path], target: Path) -> None:
    """Write the four files to ``target``."""
    for source, name, family, characters, features in FILES:
        path = next(folder / source for folder in folders if (folder / source).exists())
        options = subset.Options(flavor="woff2", hinting=False, desubroutinize=True)
        options.layout_features = [*features, *(FEATURES if features else [])]
        options.name_IDs = [0, 1, 2, 4, 6]
        options.recalc_timestamp = False
        font = TTFont(path, recalcTimestamp=False)
        chosen = subset.Subsetter(options)
        chosen.populate(unicodes=subset.parse_unicodes(characters))
        chosen.subset(font)
        style = name.removesuffix(".woff2").rpartition("-")[2].capitalize()
        for record in font["name"].names:
            if record.nameID in (1, 4, 6):
                words = family if record.nameID == 1 else f"{family} {style}"
                record.string = words.replace(" ", "") if record.nameID == 6 else words
        cff = font["CFF "].cff
        cff.fontNames = [f"{family} {style}".replace(" ", "")]
        cff.topDictIndex[0].FamilyName = family
        cff.topDictIndex[0].FullName = f"{family} {style}"
        font.flavor = "woff2"
        font.save(target / name)


if __name__ == "__main__":
    main([Path(folder) for folder in sys.argv[1:]], Path(__file__).parent)
