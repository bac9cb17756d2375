"""The training loop: jobs, the loop itself, checkpoints and the run folder."""

from ftcore.loop import environment
from ftcore.loop.coupling import check_batching, check_whole, couples
from ftcore.loop.job import Job, MatmulRate, execute
from ftcore.loop.plan import TrainingPlan, plan_training
from ftcore.loop.run_folder import Run, began_with, begun, check_free, default_folder, is_free, told_of_options
from ftcore.loop.steps import NOBODY, Steps, StepWatcher

__all__ = [
    "NOBODY",
    "Job",
    "MatmulRate",
    "Run",
    "StepWatcher",
    "Steps",
    "TrainingPlan",
    "began_with",
    "begun",
    "check_batching",
    "check_free",
    "check_whole",
    "couples",
    "default_folder",
    "environment",
    "execute",
    "is_free",
    "plan_training",
    "told_of_options",
]
