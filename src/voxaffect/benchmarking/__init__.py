"""Protocol x experiment -> fitted, exported, evaluated: every test utterance predicted by a bundle as it would ship."""

from voxaffect.benchmarking.result import Result
from voxaffect.benchmarking.run_benchmark import RUNS, benchmark, plan, settings_for

__all__ = ["RUNS", "Result", "benchmark", "plan", "settings_for"]
