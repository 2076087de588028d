"""The hash "reference" of the trajectory, from Gymnasium itself.

dotnet run -c Release --project tests/Dqn.Trajectory -- FOLDER    writes each episode's actions
python3 tests/Dqn.Trajectory/reference.py FOLDER                  drives them and prints the hash

Wants gymnasium 1.4.0 with its extra box2d (pybox2d 2.3.10), pygame 2.1.2 and NumPy, on x86-64 with glibc.
"""

import glob
import hashlib
import os
import struct
import sys

os.environ["SDL_VIDEODRIVER"] = "dummy"

import numpy as np
import pygame
from gymnasium.envs.box2d.car_racing import CarRacing

pygame.transform.set_smoothscale_backend("GENERIC")


def body(b):
    return struct.pack("<6f", *b.position, b.angle, *b.linearVelocity, b.angularVelocity)


def main(folder):
    digest, frames = hashlib.sha256(), 0
    env, last_seed = None, None
    for path in sorted(glob.glob(os.path.join(folder, "*.csv"))):
        seed, _, mode = os.path.basename(path)[:-4].split("-")
        if seed != last_seed:
            env = CarRacing(render_mode="rgb_array", continuous=mode == "continuous", domain_randomize=mode == "dr")
            observation, _ = env.reset(seed=int(seed))
        else:
            observation, _ = env.reset()
        last_seed = seed

        with open(path) as file:
            rows = [line.split(",") for line in file.read().split()[1:]]
        reward, terminated = 0.0, False
        for frame in range(len(rows) + 1):
            if frame > 0:
                row = rows[frame - 1]
                action = np.array(row, dtype=np.float32) if mode == "continuous" else int(row[0])
                observation, reward, terminated, _, _ = env.step(action)
                frames += 1
            car = env.car
            digest.update(body(car.hull))
            for w in car.wheels:
                digest.update(body(w))
                digest.update(struct.pack("<f", w.joint.angle))
                digest.update(struct.pack("<5d", w.omega, w.phase, w.gas, w.brake, w.steer))
                digest.update(struct.pack("<i", len(w.tiles)))
            digest.update(struct.pack("<d?i", reward, bool(terminated), env.tile_visited_count))
            if frame % 10 == 0 or terminated:
                picture = np.array(observation)
                picture[84:, :14] = 0
                digest.update(picture.tobytes())
            if terminated:
                break
        print(os.path.basename(path), frame, "frames,", env.tile_visited_count, "tiles, terminated", bool(terminated))
    env = CarRacing(render_mode="rgb_array")
    for seed in range(100):
        env.reset(seed=seed)
        for _, beta, x, y in env.track:
            digest.update(struct.pack("<3d", beta, x, y))
    print("frames", frames)
    print("reference", digest.hexdigest())


main(sys.argv[1])
