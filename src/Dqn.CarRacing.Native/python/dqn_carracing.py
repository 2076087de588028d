"""CarRacing-v3, equal to Gymnasium's to the byte and many times as fast.

With Gymnasium installed, importing this module registers the environment:

    import gymnasium, dqn_carracing
    env = gymnasium.make("dqn/CarRacing-v3")
    envs = gymnasium.make_vec("dqn/CarRacing-v3", num_envs=8)

Without it, the same classes work by themselves:

    from dqn_carracing import CarRacing
    env = CarRacing()
    observation, info = env.reset(seed=1)

It needs NumPy and the native library that is built beside it: libdqn_carracing.so, .dll or .dylib, in the same folder or
where the variable DQN_CARRACING_LIBRARY says.
"""

import ctypes
import os
import sys

import numpy as np

try:
    import gymnasium
except ImportError:
    gymnasium = None

__all__ = ["CarRacing", "CarRacingVector", "FIVE_ACTIONS", "FRAMES_PER_SECOND", "NINE_ACTIONS"]

FRAMES_PER_SECOND = 50

# What numbered actions may do, [steer, gas, brake] each: Gymnasium's, and steering with nothing, gas or brake.
FIVE_ACTIONS = ((0, 0, 0), (0.6, 0, 0), (-0.6, 0, 0), (0, 0.2, 0), (0, 0, 0.8))
NINE_ACTIONS = tuple(
    (steer, gas, brake) for gas, brake in ((0, 0), (0.4, 0), (0, 0.4)) for steer in (0, 0.6, -0.6)
)
_INTERFACE = 2  # What this file expects of the library: both come from one build.
_FRAME = (96, 96, 3)
_PICTURE = (400, 600, 3)
_FINISHED, _LEFT = 1, 2  # What became of a lap.


class _Options(ctypes.Structure):
    _fields_ = [
        ("count", ctypes.c_int32),
        ("threads", ctypes.c_int32),
        ("frame_skip", ctypes.c_int32),
        ("max_steps", ctypes.c_int32),
        ("autoreset", ctypes.c_int32),
        ("domain_randomize", ctypes.c_int32),
        ("lap_complete_percent", ctypes.c_double),
        ("lap_ends_on_percentage", ctypes.c_int32),
        ("action_count", ctypes.c_int32),
        ("actions", ctypes.POINTER(ctypes.c_double)),
    ]


_OUTCOME = np.dtype(
    {
        "names": ["reward", "terminated", "truncated", "lap"],
        "formats": [np.float64, np.bool_, np.bool_, np.uint8],
        "offsets": [0, 8, 9, 10],
        "itemsize": 16,
    }
)


def _library_path():
    given = os.environ.get("DQN_CARRACING_LIBRARY")
    if given:
        return given
    name = "libdqn_carracing" + {"win32": ".dll", "darwin": ".dylib"}.get(sys.platform, ".so")
    return os.path.join(os.path.dirname(os.path.abspath(__file__)), name)


def _load():
    path = _library_path()
    if not os.path.exists(path):
        raise ImportError(
            f"Expected the native library {path}, found none. Build it with 'dotnet publish src/Dqn.CarRacing.Native -r "
            "linux-x64' (or win-x64, osx-arm64), which leaves it beside dqn_carracing.py, or set DQN_CARRACING_LIBRARY to it."
        )
    try:
        library = ctypes.CDLL(path)
        interface = library.dqn_carracing_interface()
    except (OSError, AttributeError) as error:
        raise ImportError(f"Expected a native library of CarRacing for this platform, got {path}: {error}") from error
    if interface != _INTERFACE:
        raise ImportError(
            f"Expected version {_INTERFACE} of the library's interface, got {interface} from {path}. Take dqn_carracing.py "
            "and the library from the same build."
        )
    pointer = ctypes.c_void_p
    library.dqn_carracing_error.argtypes = [ctypes.c_char_p, ctypes.c_int32]
    library.dqn_carracing_make.argtypes = [ctypes.POINTER(_Options), ctypes.POINTER(pointer)]
    library.dqn_carracing_close.argtypes = [pointer]
    library.dqn_carracing_reset.argtypes = [pointer, pointer, pointer, pointer, ctypes.c_int32, pointer]
    library.dqn_carracing_step.argtypes = [pointer, pointer, pointer, pointer, pointer]
    library.dqn_carracing_observe.argtypes = [pointer, pointer]
    library.dqn_carracing_render.argtypes = [pointer, ctypes.c_int32, pointer]
    return library


_library = _load()


def _check(code):
    if code == 0:
        return
    size = _library.dqn_carracing_error(None, 0)
    text = ctypes.create_string_buffer(size)
    _library.dqn_carracing_error(text, size)
    message = text.raw[:size].decode("utf-8")
    raise {1: ValueError, 2: RuntimeError}.get(code, RuntimeError)(message)


class _Fleet:
    """The native side: several environments, stepped by one call."""

    def __init__(
        self, count, threads, frame_skip, max_steps, autoreset, domain_randomize, lap_complete_percent,
        lap_ends_on_percentage, actions,
    ):
        for name, value, least in (
            ("num_envs", count, 1),
            ("threads", threads, 0),
            ("frame_skip", frame_skip, 1),
            ("max_episode_steps", max_steps, 0),
        ):
            if isinstance(value, bool) or int(value) != value or not least <= value < 2**31:
                raise ValueError(f"Expected {name} to be a whole number of at least {least}, got {value!r}.")
        options = _Options(
            count, threads, frame_skip, max_steps, autoreset, bool(domain_randomize), float(lap_complete_percent),
            bool(lap_ends_on_percentage), len(actions), actions.ctypes.data_as(ctypes.POINTER(ctypes.c_double)),
        )
        handle = ctypes.c_void_p()
        _check(_library.dqn_carracing_make(ctypes.byref(options), ctypes.byref(handle)))
        self.count = count
        self._handle = handle
        self._outcomes = np.zeros(count, _OUTCOME)
        self._outcomes_at = self._outcomes.ctypes.data

    def reset(self, seeds, mask, randomize, observations):
        """Seeds: None, or one for each environment, None where it has none. Mask: None, or booleans."""
        values = has = None
        if seeds is not None:
            values = np.array([0 if seed is None else seed for seed in seeds], np.uint64)
            has = np.array([seed is not None for seed in seeds], np.uint8)
        if mask is not None:
            mask = np.ascontiguousarray(mask, np.uint8)
        _check(
            _library.dqn_carracing_reset(
                self._open(), _at(mask), _at(values), _at(has), bool(randomize), _at(observations)
            )
        )

    def step(self, actions, controls, observations):
        _check(
            _library.dqn_carracing_step(
                self._open(), _at(actions), _at(controls), self._outcomes_at, _at(observations)
            )
        )
        return self._outcomes

    def observe(self, observations):
        _check(_library.dqn_carracing_observe(self._open(), _at(observations)))
        return observations

    def render(self, index):
        picture = np.empty(_PICTURE, np.uint8)
        _check(_library.dqn_carracing_render(self._open(), index, _at(picture)))
        return picture

    def close(self):
        handle, self._handle = self._handle, None
        if handle is not None:
            _check(_library.dqn_carracing_close(handle))

    def _open(self):
        if self._handle is None:
            raise RuntimeError("Expected an environment that is open, got one that was closed.")
        return self._handle

    def __del__(self):
        if getattr(self, "_handle", None) is not None:
            _library.dqn_carracing_close(self._handle)
            self._handle = None


def _at(array):
    return None if array is None else array.ctypes.data


class _Box:
    """Stands for gymnasium.spaces.Box where there is no Gymnasium."""

    def __init__(self, low, high, shape, dtype):
        self.low, self.high = np.broadcast_to(np.asarray(low, dtype), shape), np.broadcast_to(np.asarray(high, dtype), shape)
        self.shape, self.dtype = tuple(shape), np.dtype(dtype)
        self._random = np.random.default_rng()

    def seed(self, seed=None):
        self._random = np.random.default_rng(seed)

    def sample(self):
        if self.dtype == np.uint8:
            return self._random.integers(self.low, self.high, self.shape, self.dtype, endpoint=True)
        return self._random.uniform(self.low, self.high).astype(self.dtype)

    def contains(self, value):
        value = np.asarray(value)
        return value.shape == self.shape and bool(np.all(value >= self.low) and np.all(value <= self.high))


class _Discrete:
    """Stands for gymnasium.spaces.Discrete where there is no Gymnasium."""

    def __init__(self, count):
        self.n, self.shape, self.dtype = count, (), np.dtype(np.int64)
        self._random = np.random.default_rng()

    def seed(self, seed=None):
        self._random = np.random.default_rng(seed)

    def sample(self):
        return self._random.integers(self.n)

    def contains(self, value):
        value = np.asarray(value)
        return value.shape == () and value.dtype.kind in "iu" and 0 <= value < self.n


def _table(actions, continuous):
    if actions is not None and continuous:
        raise ValueError("Expected actions with continuous=False alone: controls need no table.")
    table = np.ascontiguousarray(FIVE_ACTIONS if actions is None else actions, np.float64)
    if table.ndim != 2 or table.shape[1] != 3:
        raise ValueError(f"Expected actions of [[steer, gas, brake], ...], got {actions!r}.")
    return table


def _spaces(continuous, actions):
    if gymnasium is None:
        box, discrete = _Box, _Discrete
    else:
        box, discrete = gymnasium.spaces.Box, gymnasium.spaces.Discrete
    frames = box(low=0, high=255, shape=_FRAME, dtype=np.uint8)
    if not continuous:
        return frames, discrete(len(actions))
    low, high = np.array([-1, 0, 0], np.float32), np.array([1, 1, 1], np.float32)
    return frames, box(low, high, shape=(3,), dtype=np.float32) if gymnasium is None else box(low, high)


def _require_render_mode(mode, modes):
    if mode is not None and mode not in modes:
        raise ValueError(
            f"Expected a render_mode of {', '.join(map(repr, modes))} or None, got {mode!r}. To see it in a window, show "
            "what 'rgb_array' renders."
        )


class CarRacing(gymnasium.Env if gymnasium else object):
    """Drive a lap of a random track, seen from above: Gymnasium's CarRacing-v3 without its time limit.

    Observations are [96, 96, 3] RGB bytes. Actions are 0 nothing, 1 right, 2 left, 3 gas, 4 brake; with continuous=True
    [steer, gas, brake] in -1 ... 1, 0 ... 1, 0 ... 1. The options, rewards, infos and seeds are Gymnasium's; beside them
    frame_skip repeats each action, adds up the rewards and shows the last frame; actions is another table of
    [steer, gas, brake] for continuous=False, such as NINE_ACTIONS; and lap_ends_on_percentage ends the lap wherever a
    wheel comes onto the first tile with more than lap_complete_percent of the tiles visited.
    """

    metadata = {"render_modes": ["rgb_array", "state_pixels"], "render_fps": FRAMES_PER_SECOND}

    def __init__(
        self,
        render_mode=None,
        verbose=False,
        lap_complete_percent=0.95,
        domain_randomize=False,
        continuous=True,
        frame_skip=1,
        actions=None,
        lap_ends_on_percentage=False,
    ):
        _require_render_mode(render_mode, self.metadata["render_modes"])
        self.render_mode = render_mode
        self.verbose = verbose
        self.lap_complete_percent = lap_complete_percent
        self.domain_randomize = domain_randomize
        self.continuous = continuous
        table = _table(actions, continuous)
        self.observation_space, self.action_space = _spaces(continuous, table)
        self._fleet = _Fleet(
            1, 1, frame_skip, 0, 0, domain_randomize, lap_complete_percent, lap_ends_on_percentage, table
        )
        self._action = np.zeros(1, np.int32)
        self._controls = np.zeros(3, np.float64)

    def reset(self, *, seed=None, options=None):
        """Starts an episode: the first observation, and an empty info."""
        if gymnasium is not None:
            super().reset(seed=seed)
        observation = np.empty(_FRAME, np.uint8)
        randomize = (options or {}).get("randomize", True)
        self._fleet.reset(None if seed is None else [_seed(seed)], None, randomize, observation)
        return observation, {}

    def step(self, action):
        """Observation, reward, terminated, truncated (False: Gymnasium's make limits the time), info."""
        observation = np.empty(_FRAME, np.uint8)
        if self.continuous:
            self._controls[:] = action
            outcome = self._fleet.step(None, self._controls, observation)[0]
        else:
            if not self.action_space.contains(action):
                raise _invalid_action(action, self.action_space.n)
            self._action[0] = action
            outcome = self._fleet.step(self._action, None, observation)[0]
        info = {} if outcome["lap"] == 0 else {"lap_finished": outcome["lap"] == _FINISHED}
        return observation, float(outcome["reward"]), bool(outcome["terminated"]), bool(outcome["truncated"]), info

    def render(self):
        """[400, 600, 3] with render_mode="rgb_array", [96, 96, 3] with "state_pixels"."""
        if self.render_mode == "rgb_array":
            return self._fleet.render(0)
        if self.render_mode == "state_pixels":
            return self._fleet.observe(np.empty(_FRAME, np.uint8))
        return None

    def close(self):
        """Frees the native side."""
        self._fleet.close()


class CarRacingVector(gymnasium.vector.VectorEnv if gymnasium else object):
    """Several CarRacings stepped by one call on several threads.

    The step after an episode's end begins the next one in that environment (Gymnasium's AutoresetMode.NEXT_STEP): its
    action does not count and its reward is 0. Environment i is seeded with seed + i.
    """

    metadata = {"render_modes": ["rgb_array", "state_pixels"], "render_fps": FRAMES_PER_SECOND}

    def __init__(
        self,
        num_envs=1,
        max_episode_steps=1000,
        render_mode=None,
        verbose=False,
        lap_complete_percent=0.95,
        domain_randomize=False,
        continuous=True,
        frame_skip=1,
        threads=0,
        copy=True,
        actions=None,
        lap_ends_on_percentage=False,
    ):
        _require_render_mode(render_mode, self.metadata["render_modes"])
        self.num_envs, self.render_mode, self.continuous, self.copy = num_envs, render_mode, continuous, copy
        table = _table(actions, continuous)
        self._fleet = _Fleet(
            num_envs, threads, frame_skip, max_episode_steps or 0, 1, domain_randomize, lap_complete_percent,
            lap_ends_on_percentage, table,
        )
        self.single_observation_space, self.single_action_space = _spaces(continuous, table)
        if gymnasium is not None:
            batch = gymnasium.vector.utils.batch_space
            self.observation_space = batch(self.single_observation_space, num_envs)
            self.action_space = batch(self.single_action_space, num_envs)
        self._observations = np.zeros((num_envs, *_FRAME), np.uint8)

    def reset(self, *, seed=None, options=None):
        """Starts an episode everywhere, or where options["reset_mask"] is true: the observations, and an empty info."""
        options = options or {}
        seeds = None
        if seed is not None:
            given = [_seed(seed) + i for i in range(self.num_envs)] if np.ndim(seed) == 0 else list(seed)
            if len(given) != self.num_envs:
                raise ValueError(f"Expected one seed, or one for each of {self.num_envs} environments, got {len(given)}.")
            seeds = [None if one is None else _seed(one) for one in given]
        if gymnasium is not None and isinstance(seed, (int, np.integer)):
            super().reset(seed=int(seed))
        mask = options.get("reset_mask")
        if mask is not None and np.shape(mask) != (self.num_envs,):
            raise ValueError(f"Expected a reset_mask of [{self.num_envs}], got {np.shape(mask)}.")
        observations = self._room()
        self._fleet.reset(seeds, mask, options.get("randomize", True), observations)
        return observations, {}

    def step(self, actions):
        """Observations, rewards, terminations, truncations, infos."""
        observations = self._room()
        if self.continuous:
            controls = np.ascontiguousarray(actions, np.float64)
            if controls.shape != (self.num_envs, 3):
                raise ValueError(f"Expected controls of [{self.num_envs}, 3], got {controls.shape}.")
            outcomes = self._fleet.step(None, controls, observations)
        else:
            chosen = np.ascontiguousarray(actions, np.int32)
            if chosen.shape != (self.num_envs,):
                raise ValueError(f"Expected actions of [{self.num_envs}], got {chosen.shape}.")
            outcomes = self._fleet.step(chosen, None, observations)
        infos, ended = {}, outcomes["lap"] != 0
        if ended.any():
            infos = {"lap_finished": outcomes["lap"] == _FINISHED, "_lap_finished": ended}
        return (
            observations,
            outcomes["reward"].copy(),
            outcomes["terminated"].copy(),
            outcomes["truncated"].copy(),
            infos,
        )

    def render(self):
        """A picture of each environment, as CarRacing.render gives it."""
        if self.render_mode == "rgb_array":
            return tuple(self._fleet.render(i) for i in range(self.num_envs))
        if self.render_mode == "state_pixels":
            return tuple(self._fleet.observe(np.empty((self.num_envs, *_FRAME), np.uint8)))
        return None

    def close_extras(self, **kwargs):
        """Frees the native side."""
        self._fleet.close()

    if gymnasium is None:

        def close(self):
            """Frees the native side."""
            self.close_extras()

    def _room(self):
        return np.empty_like(self._observations) if self.copy else self._observations


def _seed(seed):
    if isinstance(seed, bool) or not isinstance(seed, (int, np.integer)) or not 0 <= seed < 2**64:
        message = f"Expected a seed of 0 ... 2**64 - 1, got {seed!r}."
        raise gymnasium.error.Error(message) if gymnasium is not None else ValueError(message)
    return int(seed)


def _invalid_action(action, count):
    message = f"Expected an action 0 ... {count - 1}, got {action!r}."
    return gymnasium.error.InvalidAction(message) if gymnasium is not None else ValueError(message)


def _register():
    if gymnasium is None:
        return
    CarRacingVector.metadata["autoreset_mode"] = gymnasium.vector.AutoresetMode.NEXT_STEP
    if "dqn/CarRacing-v3" not in gymnasium.registry:
        gymnasium.register(
            "dqn/CarRacing-v3",
            entry_point="dqn_carracing:CarRacing",
            vector_entry_point="dqn_carracing:CarRacingVector",
            max_episode_steps=1000,
            reward_threshold=900,
        )


_register()
