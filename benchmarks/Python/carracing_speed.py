"""Frames per second of CarRacing through Python; beside Gymnasium's own where that is installed with its Box2D.

    PYTHONPATH=FOLDER python3 benchmarks/Python/carracing_speed.py

Each is measured in rounds that take turns; printed are the median and the range of the rounds.
"""

import os
import statistics
import time

import numpy as np

from dqn_carracing import CarRacing, CarRacingVector

ROUNDS, SECONDS = 5, 2.0
ACTIONS = np.random.default_rng(1).integers(5, size=10_000)


def single(env):
    """Every frame stepped and observed."""
    env.reset(seed=1)
    frames, start = 0, time.perf_counter()
    while time.perf_counter() - start < SECONDS:
        _, _, terminated, truncated, _ = env.step(int(ACTIONS[frames % len(ACTIONS)]))
        frames += 1
        if terminated or truncated:
            env.reset()
    return frames / (time.perf_counter() - start)


def several(env, count, skip):
    """Each action for several frames, of which the last is observed."""
    env.reset(seed=1)
    steps, start = 0, time.perf_counter()
    while time.perf_counter() - start < SECONDS:
        at = steps * count % (len(ACTIONS) - count)
        env.step(ACTIONS[at : at + count])
        steps += 1
    return steps * count * skip / (time.perf_counter() - start)


def main():
    cores = os.cpu_count()
    ours = CarRacing(continuous=False)
    vector = CarRacingVector(4 * cores, continuous=False, frame_skip=4)
    rows = {
        "one environment, every frame observed": lambda: single(ours),
        f"{4 * cores} environments, frame skip 4, {cores} cores": lambda: several(vector, 4 * cores, 4),
    }
    try:
        import gymnasium

        theirs = gymnasium.make("CarRacing-v3", continuous=False)
        rows["Gymnasium, every frame observed"] = lambda: single(theirs)
    except Exception as error:  # Without it, or without its Box2D.
        print(f"Gymnasium's own is left out: {error}")
    results = {name: [] for name in rows}
    for _ in range(ROUNDS):
        for name, measure in rows.items():
            results[name].append(measure())
    for name, values in results.items():
        print(f"{name}: {statistics.median(values):,.0f} frames/s ({min(values):,.0f} to {max(values):,.0f})")


main()
