"""Makes `synthetic-voice.flac`, the example recording: a sentence spoken by espeak-ng, no human voice.

python examples/synthesise.py        (needs espeakng-loader, which ships espeak-ng)
"""

import ctypes
from pathlib import Path

import espeakng_loader
import numpy as np
import soundfile

TEXT = "I have been waiting for this all week, and now it is finally here!"
TARGET = Path(__file__).with_name("synthetic-voice.flac")

_SYNCHRONOUS, _DONT_EXIT, _UTF8, _PITCH, _PITCH_RANGE, _RATE = 0x02, 0x8000, 1, 3, 4, 1


def speak(
    text: str, voice: str = "en-us", pitch: int = 65, pitch_range: int = 90, rate: int = 175
) -> tuple[np.ndarray, int]:
    """Synthesise by espeak-ng -> (samples,) int16, sample rate in Hz.

    pitch and pitch_range: 0 to 100, 50 is the voice's own. rate: words a minute.
    """
    library = ctypes.CDLL(espeakng_loader.get_library_path())
    sample_rate = library.espeak_Initialize(_SYNCHRONOUS, 0, espeakng_loader.get_data_path().encode(), _DONT_EXIT)
    if sample_rate <= 0:
        raise RuntimeError("espeak-ng does not start; reinstall espeakng-loader")
    parts: list[np.ndarray] = []

    @ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p)
    def keep(samples: "ctypes._Pointer[ctypes.c_short]", count: int, events: object) -> int:
        if samples and count > 0:
            parts.append(np.ctypeslib.as_array(samples, (count,)).copy())
        return 0

    library.espeak_SetSynthCallback(keep)
    library.espeak_SetVoiceByName(voice.encode())
    for parameter, value in ((_PITCH, pitch), (_PITCH_RANGE, pitch_range), (_RATE, rate)):
        library.espeak_SetParameter(parameter, value, 0)
    spoken = text.encode()
    library.espeak_Synth(spoken, len(spoken) + 1, 0, 1, 0, _UTF8, None, None)
    library.espeak_Terminate()
    return np.concatenate(parts), sample_rate


if __name__ == "__main__":
    samples, sample_rate = speak(TEXT)
    soundfile.write(TARGET, samples, sample_rate, subtype="PCM_16")
    print(f"{TARGET.name}: {len(samples) / sample_rate:.1f} s at {sample_rate} Hz")
