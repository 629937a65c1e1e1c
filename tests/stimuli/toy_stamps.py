"""A small folder of stamps, as Tux Paint's is, with real sound in it."""

import numpy as np
from PIL import Image

RATE = 44_100
SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="30pt" height="10pt">'
    '<rect x="10" y="2" width="20" height="9" fill="#00f"/></svg>'
)
STAMPS = {
    "animals/birds/duck": ("A duck.", {"fr": "Un canard.", "ru": "Утка."}, 440),
    "animals/cat": ("A black cat.", {"fr": "Un chat noir.", "ru": "Чёрная кошка."}, 500),
    "animals/cartoon/cat": ("A cat.", {"fr": "Un chat.", "ru": "Кошка."}, 600),
    "animals/cat2": ("A cat!", {"fr": "Un chat.", "ru": "Кошка."}, 700),
    "food/bread": ("Some bread.", {"fr": "Du pain."}, 800),
    "food/soup": ("", {"fr": "Une soupe.", "de": "Eine Suppe."}, 900),
    "food/salt": ("Salt.", {"fr": "Du sel."}, None),
    "symbols/a": ("The letter A.", {"fr": "La lettre A."}, 300),
}
"""Name to the English caption, others, and the pitch of what is said in French; None where nothing is."""


def record(path, hertz, seconds=0.4, silence=0.2, channels=2):
    """Writes a tone between two silences."""
    import soundfile

    times = np.arange(int(seconds * RATE)) / RATE
    wave = np.pad(0.5 * np.sin(2 * np.pi * hertz * times), int(silence * RATE))
    soundfile.write(path, np.stack([wave] * channels, axis=1), RATE, format="OGG", subtype="VORBIS")


def many(n):
    """More stamps, half of them of each of two folders."""
    told = {f"{('tools', 'toys')[at % 2]}/{at}": f"thing number {at * at}" for at in range(n)}
    return {
        name: (f"A {text}.", {"fr": f"Une {text}."}, 300 + 50 * at)
        for at, (name, text) in enumerate(told.items())
    }


def make(root, stamps=STAMPS):
    """Writes stamps: a red patch on transparent ground each, a drawing for the duck."""
    for number, (name, (english, others, hertz)) in enumerate(stamps.items()):
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        lines = [english, *(f"{language}.utf8={text}" for language, text in others.items())]
        path.with_suffix(".txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
        if name.endswith("duck"):
            path.with_suffix(".svg").write_text(SVG)
        else:
            disc = Image.new("RGBA", (40, 20), (0, 0, 0, 0))
            disc.paste((200, number, 0, 255), (10, 5, 30, 15))
            disc.save(path.with_suffix(".png"))
        if hertz is not None:
            record(path.with_name(f"{path.name}_desc_fr.ogg"), hertz, 0.3 + 0.05 * number)
        if "ru" in others:
            record(path.with_name(f"{path.name}_desc_ru.ogg"), 2 * hertz)
    return root
