"""The fields of a suite: the contestants, the training, its length, and the comparisons."""

from typing import Annotated, Literal

from annotated_types import Ge, Gt, MinLen
from pydantic import Field, model_validator

from ftcore.errors import SpecError
from ftcore.helpers import did_you_mean
from ftcore.parts import Place, SpecPart, require_fit

Count = Annotated[int, Ge(1)]
Name = Annotated[str, MinLen(1)]
Command = Annotated[list[str], MinLen(1)]


class Ftcore(SpecPart):
    """ftcore itself as a contestant."""

    backend: Name = Field(description="A registered backend.")
    overrides: list[str] = Field(default_factory=list, alias="set", description="FIELD=VALUE, as --set takes them.")


class Contestant(SpecPart):
    """A program that runs the training of the suite: ftcore, or another one."""

    name: Name = Field(description="Name in tables.")
    ftcore: Ftcore | None = Field(None, description="ftcore on a backend.")
    command: Command | None = Field(
        None, description="A program and its arguments, run in the suite's folder; python is ftcore's own interpreter."
    )
    limit_goal: Annotated[float, Gt(0)] | None = Field(
        None, description="Smallest fraction of the machine's matrix-multiply rate."
    )

    @model_validator(mode="after")
    def _is_one_kind(self) -> "Contestant":
        if (self.ftcore is None) == (self.command is None):
            require_fit([((), "give either ftcore or command")])
        return self


class Ratio(SpecPart):
    """A contestant's examples per second divided by a baseline's."""

    contestant: Name = Field(description="The contestant whose speed is divided.")
    baseline: Name = Field(description="By whose.")
    goal: Annotated[float, Gt(0)] | None = Field(None, description="The smallest value that meets the goal.")
    speed: Literal["median", "total"] = Field(
        "median", description="Speed of a round: of the median step, or of all measured steps together."
    )


class Curve(SpecPart):
    """The largest relative difference of two contestants' losses at the same step."""

    contestant: Name = Field(description="Whose losses.")
    baseline: Name = Field(description="The contestant to compare with.")
    goal: Annotated[float, Gt(0)] | None = Field(None, description="The largest value that meets the goal.")


class Product(SpecPart):
    """A program that measures a framework's own matrix multiplication."""

    name: Name = Field(description="What tables call it.")
    command: Command = Field(description="See the command of a contestant.")


class Suite(SpecPart):
    """One training by several contestants."""

    title: str = Field("", description="Heading of the page.")
    spec: Name = Field(description="The task spec, relative to the file of the suite.")
    overrides: list[str] = Field(default_factory=list, alias="set", description="FIELD=VALUE, for every contestant.")
    steps: Count = Field(description="Number of measured steps.")
    warmup: Annotated[int, Ge(0)] = Field(5, description="Number of steps before the measured ones.")
    rounds: Count = Field(3, description="How often every contestant runs, each time in a new process.")
    threads: Count = Field(1, description="CPU threads of every contestant.")
    timeout: Count = Field(3600, description="Time limit of a contestant in seconds.")
    contestants: Annotated[list[Contestant], MinLen(1)] = Field(description="Who trains.")
    ratios: list[Ratio] = Field(default_factory=list, description="Ratios of speeds, computed in each round.")
    curves: list[Curve] = Field(default_factory=list, description="Comparisons of losses.")
    matmul: list[Product] = Field(
        default_factory=list,
        description="Programs that measure the limit besides NumPy; default: the libraries of the installed backends.",
    )

    @model_validator(mode="after")
    def _fits(self) -> "Suite":
        require_fit([*self._double_names(), *self._unknown_names()])
        return self

    def _double_names(self) -> list[tuple[Place, str]]:
        names = [contestant.name for contestant in self.contestants]
        return [
            (("contestants", place, "name"), f"given {name!r} twice")
            for place, name in enumerate(names)
            if name in names[:place]
        ]

    def _unknown_names(self) -> list[tuple[Place, str]]:
        names = [contestant.name for contestant in self.contestants]
        pairs: dict[Place, Ratio | Curve] = {("ratios", place): pair for place, pair in enumerate(self.ratios)}
        pairs |= {("curves", place): pair for place, pair in enumerate(self.curves)}
        return [
            ((*place, field), f"there is no contestant {name!r}{did_you_mean(name, names)}")
            for place, pair in pairs.items()
            for field, name in (("contestant", pair.contestant), ("baseline", pair.baseline))
            if name not in names
        ]


def select(suite: Suite, only: list[str], rounds: int | None) -> Suite:
    """Return the suite with only these contestants ([]: all) and their comparisons, and with `rounds` if given.

    Raises:
        SpecError: there is no such contestant.
    """
    names = [contestant.name for contestant in suite.contestants]
    for name in only:
        if name not in names:
            raise SpecError(
                f"--only {name}: there is no such contestant{did_you_mean(name, names)}; known: {', '.join(names)}"
            )
    kept = only or names
    return suite.model_copy(
        update={
            "rounds": rounds or suite.rounds,
            "contestants": [contestant for contestant in suite.contestants if contestant.name in kept],
            "ratios": [pair for pair in suite.ratios if {pair.contestant, pair.baseline} <= set(kept)],
            "curves": [pair for pair in suite.curves if {pair.contestant, pair.baseline} <= set(kept)],
        }
    )
