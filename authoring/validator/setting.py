"""What texts of a step are rendered with: the pack's facts, and the pictures beside them."""

from authoring.markdown import Context, Image
from authoring.pack import Pack, Step


def context_of(pack: Pack, step: Step) -> Context:
    facts = {key: fact.shown for key, fact in pack.facts.items()}

    def image(source: str) -> Image | None:
        path = f"{step.folder}/{source}"
        if path in pack.unread:  # told already; the text is not to blame
            return Image("")
        picture = pack.pictures.get(path)
        if picture is None:
            return None
        return Image(f"/assets/{picture.sha256}/", picture.width, picture.height)

    return Context(facts=facts, image=image)


def misconception_id(step: Step, name: str) -> str:
    """The id that is stable for ever: `step:name`."""
    return name if ":" in name else f"{step.key}:{name}"
