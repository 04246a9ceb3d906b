"""A captcha's letters as an image or as a voice, each made in a thread; of voices only one at a time, they cost the most."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from typing import Any

_voices = ThreadPoolExecutor(1, "captcha-voice")


async def png(text: str) -> bytes:
    return await asyncio.to_thread(_png, text)


async def wav(text: str) -> bytes:
    """The letters and digits spoken in English one by one, with noise: PCM, 8 kHz, 8 bit, mono."""
    return await asyncio.get_running_loop().run_in_executor(_voices, _wav, text)


def _png(text: str) -> bytes:
    return bytes(_drawing().generate(text).getvalue())


def _wav(text: str) -> bytes:
    return bytes(_speaking().generate(text))


@lru_cache(maxsize=1)
def _drawing() -> Any:
    # Loaded with the first image: fonts and an imaging library are nothing that every process needs.
    from captcha.image import ImageCaptcha

    return ImageCaptcha(width=200, height=72)


@lru_cache(maxsize=1)
def _speaking() -> Any:
    # Loaded with the first voice: recordings of every letter.
    from captcha.audio import AudioCaptcha

    return AudioCaptcha()
