"""The Python side of CarRacing, by its contract and against Gymnasium's golden episodes.

    dotnet publish src/Dqn.CarRacing.Native -c Release -r linux-x64 -o FOLDER
    PYTHONPATH=FOLDER python3 -m unittest discover tests/Python
"""

import csv
import gzip
import json
import os
import subprocess
import sys
import threading
import unittest
from contextlib import closing

import numpy as np

import dqn_carracing
from dqn_carracing import CarRacing, CarRacingVector

GOLDEN = os.path.join(os.path.dirname(__file__), "..", "Dqn.CarRacing.Tests", "Golden", "carracing")


def golden(name):
    with open(os.path.join(GOLDEN, "episodes.json"), encoding="utf-8") as file:
        episode = next(one for one in json.load(file) if one["name"] == name)
    with gzip.open(os.path.join(GOLDEN, name + ".csv.gz"), "rt", encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return episode, rows


def pictures(name, kind, shape):
    with gzip.open(os.path.join(GOLDEN, f"{name}.{kind}.gz")) as file:
        return np.frombuffer(file.read(), np.uint8).reshape(-1, *shape)


def without_score(frame):
    frame = frame.copy()
    frame[84:, :14] = 0  # Drawn with another font.
    return frame


def action(row, continuous):
    if continuous:
        return np.array([float(row["steer"]), float(row["gas"]), float(row["brake"])])
    return int(row["action"])


class GoldenEpisodes(unittest.TestCase):
    def play(self, name, make):
        episode, rows = golden(name)
        frames = pictures(name, "frames", (96, 96, 3))
        env = make(episode)
        observation, info = env.reset(seed=episode["seed"])
        self.assertEqual(info, {})
        seen = {0: observation}
        for number, row in enumerate(rows[1:], 1):
            observation, reward, terminated, truncated, info = env.step(action(row, episode["continuous"]))
            self.assertEqual(reward, float(row["reward"]), f"{name}, frame {number}")
            self.assertEqual(terminated, bool(int(row["terminated"])))
            self.assertFalse(truncated)
            self.assertEqual(info, {"lap_finished": reward != -100} if terminated else {})
            seen[number] = observation
        for index, frame in zip(episode["frame_index"], frames):
            np.testing.assert_array_equal(without_score(seen[index]), without_score(frame), f"{name}, frame {index}")
        env.close()

    def test_every_episode_equals_gymnasiums(self):
        for name in ("random", "lap", "leave-playfield", "continuous", "domain-randomized"):
            with self.subTest(name):
                self.play(
                    name,
                    lambda episode: CarRacing(
                        continuous=episode["continuous"], domain_randomize=episode["name"] == "domain-randomized"
                    ),
                )

    def test_the_large_picture_equals_gymnasiums(self):
        episode, rows = golden("lap")
        large = pictures("lap", "rgb600x400", (400, 600, 3))
        env = CarRacing(render_mode="rgb_array", continuous=False)
        env.reset(seed=episode["seed"])
        wanted = dict(zip(episode["rgb_index"], large))
        for number, row in enumerate(rows[1 : max(wanted) + 1], 1):
            env.step(int(row["action"]))
            if number in wanted:
                picture, expected = env.render(), wanted[number].copy()
                picture[350:, :90] = expected[350:, :90] = 0  # The score, in another font.
                np.testing.assert_array_equal(picture, expected)

    def test_a_vector_equals_single_environments(self):
        for continuous in (False, True):
            vector = CarRacingVector(3, continuous=continuous, max_episode_steps=40, threads=2, frame_skip=3)
            singles = [CarRacing(continuous=continuous, frame_skip=3) for _ in range(3)]
            observations, _ = vector.reset(seed=11)
            for i, env in enumerate(singles):
                np.testing.assert_array_equal(observations[i], env.reset(seed=11 + i)[0])
            random = np.random.default_rng(5)
            for step in range(1, 90):
                actions = (
                    random.uniform([-1, 0, 0], 1, (3, 3)) if continuous else random.integers(5, size=3)
                )
                observations, rewards, terminations, truncations, infos = vector.step(actions)
                for i, env in enumerate(singles):
                    if step % 41 == 0:  # The step after the 40th begins an episode.
                        expected = (env.reset()[0], 0.0, False, False)
                    else:
                        expected = env.step(actions[i])[:4]
                        expected = (*expected[:3], step % 41 == 40)
                    np.testing.assert_array_equal(observations[i], expected[0])
                    self.assertEqual((rewards[i], terminations[i], truncations[i]), expected[1:])
            self.assertEqual(rewards.dtype, np.float64)
            self.assertEqual(terminations.dtype, np.bool_)


class Contract(unittest.TestCase):
    def test_spaces_and_metadata(self):
        discrete, continuous = CarRacing(continuous=False), CarRacing()
        self.assertEqual(discrete.observation_space.shape, (96, 96, 3))
        self.assertEqual(discrete.action_space.n, 5)
        self.assertEqual(continuous.action_space.shape, (3,))
        np.testing.assert_array_equal(continuous.action_space.low, [-1, 0, 0])
        self.assertTrue(continuous.action_space.contains(continuous.action_space.sample()))
        self.assertTrue(discrete.action_space.contains(discrete.action_space.sample()))
        self.assertEqual(CarRacing.metadata["render_fps"], 50)

    def test_observations_are_new_arrays_of_bytes(self):
        env = CarRacing(continuous=False)
        first, _ = env.reset(seed=1)
        kept = first.copy()
        second = env.step(3)[0]
        self.assertEqual((first.dtype, first.shape), (np.uint8, (96, 96, 3)))
        self.assertIsNot(first, second)
        np.testing.assert_array_equal(first, kept)
        vector = CarRacingVector(2, continuous=False, copy=False)
        one = vector.reset(seed=1)[0]
        self.assertIs(vector.step([0, 0])[0], one, "without copies there is one array")

    def test_the_same_seed_gives_the_same_episode_and_none_goes_on(self):
        env = CarRacing(continuous=False)
        first = env.reset(seed=3)[0]
        other = env.reset()[0]
        self.assertFalse(np.array_equal(first, other))
        np.testing.assert_array_equal(env.reset(seed=3)[0], first)
        np.testing.assert_array_equal(env.reset()[0], other)

    def test_colours_are_drawn_anew_unless_told_otherwise(self):
        env = CarRacing(domain_randomize=True, continuous=False)

        def ground(**arguments):
            env.reset(**arguments)
            for _ in range(60):  # The camera has zoomed in.
                observation = env.step(0)[0]
            return {tuple(pixel) for pixel in observation[:84].reshape(-1, 3)}

        first = ground(seed=1)
        self.assertGreater(len(ground(options={"randomize": False}) & first), 2)
        self.assertLess(len(ground() & first), len(first) / 2)

    def test_some_of_a_vector_can_be_reset(self):
        vector = CarRacingVector(3, continuous=False)
        before = vector.reset(seed=1)[0]
        for _ in range(60):
            before = vector.step([3, 3, 3])[0]
        after = vector.reset(seed=[None, 7, None], options={"reset_mask": np.array([False, True, False])})[0]
        np.testing.assert_array_equal(after[[0, 2]], before[[0, 2]])
        np.testing.assert_array_equal(after[1], CarRacing(continuous=False).reset(seed=7)[0])

    def test_rendering(self):
        env = CarRacing(render_mode="state_pixels")
        observation, _ = env.reset(seed=1)
        np.testing.assert_array_equal(env.render(), observation)
        self.assertIsNone(CarRacing().render())
        vector = CarRacingVector(2, render_mode="rgb_array")
        vector.reset(seed=1)
        self.assertEqual([picture.shape for picture in vector.render()], [(400, 600, 3)] * 2)

    def test_what_is_wrong_is_said(self):
        env = CarRacing(continuous=False)
        for message, call in (
            ("call Reset before", lambda: env.step(0)),
            ("render_mode of 'rgb_array'", lambda: CarRacing(render_mode="human")),
            ("from 0 to 1, got 2", lambda: CarRacing(lap_complete_percent=2)),
            ("frame_skip to be a whole number of at least 1", lambda: CarRacing(frame_skip=0)),
            ("num_envs to be a whole number", lambda: CarRacingVector(0)),
            ("seed of 0", lambda: env.reset(seed=-1)),
        ):
            with self.assertRaisesRegex(Exception, message):
                call()
        env.reset(seed=1)
        for wrong in (5, -1, 1.5, None, [1, 2]):
            with self.assertRaisesRegex(Exception, "Expected an action 0 ... 4"):
                env.step(wrong)
        continuous = CarRacing()
        continuous.reset(seed=1)
        for wrong in ([2, 0, 0], [0, np.nan, 0]):
            with self.assertRaisesRegex(ValueError, "Expected"):
                continuous.step(wrong)
        env.close()
        env.close()
        with self.assertRaisesRegex(RuntimeError, "closed"):
            env.step(0)

    def test_after_the_end_only_a_reset_helps(self):
        env = CarRacing(continuous=False)
        _, rows = golden("leave-playfield")
        env.reset(seed=2)
        for row in rows[1:]:
            ended = env.step(int(row["action"]))[2]
        self.assertTrue(ended)
        with self.assertRaisesRegex(RuntimeError, "Reset"):
            env.step(0)
        env.reset()
        env.step(0)

    def test_a_second_thread_is_told(self):
        vector = CarRacingVector(4, continuous=False, frame_skip=50)
        vector.reset(seed=1)
        errors, ended = [], []

        def work():
            try:
                for _ in range(30):
                    vector.step([0, 0, 0, 0])
            except RuntimeError as error:
                errors.append(str(error))
            ended.append(True)

        threads = [threading.Thread(target=work) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(len(ended), 3)
        for error in errors:
            self.assertIn("VectorEnvironment", error)

    def test_many_come_and_go(self):
        import resource

        def cycle():
            for seed in range(20):
                env = CarRacing()
                env.reset(seed=seed)
                del env

        cycle()
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        for _ in range(5):
            cycle()
        grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
        self.assertLess(grown, 64, "MiB")


class Loading(unittest.TestCase):
    def load(self, library, code="import dqn_carracing"):
        environment = dict(os.environ, DQN_CARRACING_LIBRARY=library)
        run = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, env=environment,
            cwd=os.path.dirname(dqn_carracing.__file__), check=False,
        )
        self.assertNotEqual(run.returncode, 0)
        return run.stderr

    def test_a_missing_library_names_the_cure(self):
        self.assertIn("dotnet publish src/Dqn.CarRacing.Native", self.load("/nowhere/lib.so"))

    def test_a_library_of_another_version_is_refused(self):
        other = (
            "import ctypes, types\n"
            "ctypes.CDLL = lambda path: types.SimpleNamespace(dqn_carracing_interface=lambda: 99)\n"
            "import dqn_carracing"
        )
        self.assertIn(
            f"Expected version {dqn_carracing._INTERFACE} of the library's interface, got 99",
            self.load(os.path.abspath(__file__), other),
        )

    def test_another_file_is_refused(self):
        self.assertIn("Expected a native library of CarRacing", self.load(os.path.abspath(__file__)))


class ActionTables(unittest.TestCase):
    def test_numbered_actions_are_the_controls_of_the_table(self):
        table = dqn_carracing.NINE_ACTIONS
        self.assertEqual(len(table), 9)
        with closing(CarRacing(continuous=False, actions=table)) as numbered, closing(CarRacing()) as controlled:
            np.testing.assert_array_equal(numbered.reset(seed=3)[0], controlled.reset(seed=3)[0])
            for step in range(60):
                chosen = step * 5 % 9
                one, other = numbered.step(chosen), controlled.step(np.array(table[chosen]))
                np.testing.assert_array_equal(one[0], other[0])
                self.assertEqual(one[1:4], other[1:4])

    def test_what_is_no_table_is_refused(self):
        with self.assertRaisesRegex(ValueError, "steer, gas, brake"):
            CarRacing(continuous=False, actions=[[0, 1]])
        with self.assertRaisesRegex(ValueError, "controls need no table"):
            CarRacing(continuous=True, actions=dqn_carracing.NINE_ACTIONS)
        with self.assertRaises(ValueError):
            CarRacing(continuous=False, actions=[[0, 0, 0], [2, 0, 0]])


if __name__ == "__main__":
    unittest.main()
