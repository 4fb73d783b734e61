"""The seven emotions: their order, names in other datasets' codes, and colours. Written once."""

#: FER2013's own order; the label of an image is an index into this tuple.
EMOTIONS = ("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral")

#: CK+ has an eighth emotion that neither paper's seven classes hold.
CONTEMPT = "contempt"

#: Colour-blind safe (Okabe and Ito 2008), one emotion one colour in every figure.
COLOURS = {
    "angry": "#D55E00",
    "disgust": "#009E73",
    "fear": "#CC79A7",
    "happy": "#E69F00",
    "sad": "#0072B2",
    "surprise": "#56B4E9",
    "neutral": "#7F7F7F",
    "contempt": "#5B4A8A",
}

#: Other spellings met in folder names and in the papers.
SYNONYMS = {
    "anger": "angry",
    "disgusted": "disgust",
    "fearful": "fear",
    "happiness": "happy",
    "sadness": "sad",
    "surprised": "surprise",
}


def canonical(name: str) -> str:
    """The canonical spelling of an emotion's name; unknown names come back lower-cased."""
    name = name.strip().lower()
    return SYNONYMS.get(name, name)
