"""Whether a language model is what its task trains, and has room for its texts."""

from ftcore.contract.network import EncoderDecoder, Transformer
from ftcore.errors import SpecError
from ftcore.models import ModelPlan
from ftcore.spec.data import DataSpec
from ftcore.spec.task_spec import TaskSpec
from ftcore.tasks import LanguageTask


def check_model(task: LanguageTask, model: ModelPlan) -> None:
    """Check that a model is of the kind that the task trains."""
    body, family = model.network.architecture.body, model.network.architecture.family
    if isinstance(body, EncoderDecoder):
        found = "encoder-decoder"
    else:
        found = "causal" if isinstance(body, Transformer) and body.attention.causal else "masked"
    if found != task.model:
        raise SpecError(
            f"model: {family} is a language model of the kind {found}, and the task {task.name} trains the kind "
            f"{task.model}: give another model, or another task"
        )


def check_lengths(data: DataSpec, model: ModelPlan) -> None:
    """Check that texts of the spec's lengths have their positions."""
    body = model.network.architecture.body
    parts = {"max_length": body.encoder if isinstance(body, EncoderDecoder) else body}
    if isinstance(body, EncoderDecoder):
        parts["target_max_length"] = body.decoder
    for name, part in parts.items():
        given = data.max_length if name == "max_length" else data.target_max_length or data.max_length
        if isinstance(part, Transformer) and given > part.longest:
            raise SpecError(f"data.{name}: given {given}, and the model has {part.longest} positions: lower it")


def check_room(spec: TaskSpec, task: LanguageTask, model: ModelPlan) -> None:
    """Check that what is generated after training has its positions, before it begins."""
    body, most = model.network.architecture.body, spec.generation.max_new_tokens
    if not is_judged(task, spec.data):
        return
    given, part = (1, body.decoder) if isinstance(body, EncoderDecoder) else (spec.data.max_length, body)
    # The last new token is not read.
    if isinstance(part, Transformer) and given + most - 1 > part.longest:
        raise SpecError(
            f"generation.max_new_tokens: given {most} after up to {given} tokens, and the model has {part.longest} "
            "positions: lower it, or data.max_length"
        )


def is_judged(task: LanguageTask, data: DataSpec) -> bool:
    """Return whether texts are generated and judged: of answers only where a pattern finds what is right."""
    return bool(task.text_metrics) and (task.model == "encoder-decoder" or data.answer_pattern is not None)
