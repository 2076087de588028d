using Dqn.Gymnasium;
using Python.Runtime;

namespace Dqn.Tests.Gymnasium;

/// <summary>Small Python environments, made of Gymnasium's conventions and NumPy alone.</summary>
internal static class PythonTasks
{
    private const string Code =
        """
        import numpy as np

        class Discrete:
            def __init__(self, n, start=0):
                self.n, self.start = np.int64(n), np.int64(start)

        class Box:
            def __init__(self, shape, dtype):
                self.low, self.high, self.shape, self.dtype = 0, 255, shape, np.dtype(dtype)

        class Corridor:
            "Five cells; right at the end wins. Observes its place as floats of two kinds, doubles say."
            def __init__(self, dtype="float64", start=0, mask=False, shape=(2,)):
                self.action_space, self.observation_space = Discrete(2, start), Box(shape, dtype)
                self.start, self.mask, self.closed, self.seeds = start, mask, False, []
                self.random = np.random.default_rng()

            def reset(self, *, seed=None, options=None):
                self.seeds.append(seed)
                if seed is not None:
                    self.random = np.random.default_rng(seed)
                self.place = int(self.random.integers(3))
                self.steps = 0
                return self.seen(), self.info()

            def step(self, action):
                move = action - self.start
                if move not in (0, 1):
                    raise ValueError(f"no such action: {action}")
                if self.mask and move == 0 and self.place == 0:
                    raise ValueError("a wall")
                self.place = max(0, self.place + (1 if move else -1))
                self.steps += 1
                return self.seen(), np.float32(self.place == 4), self.place == 4, np.bool_(self.steps == 12), self.info()

            def seen(self):
                return np.array([self.place, self.steps], self.observation_space.dtype)

            def info(self):
                return {"action_mask": np.array([self.place > 0, True])} if self.mask else {}

            def close(self):
                self.closed = True

        class Pixels(Corridor):
            "A picture whose columns are brighter where the place is; a view that is not contiguous."
            def __init__(self):
                super().__init__("uint8", shape=(6, 5, 3))

            def seen(self):
                frame = np.zeros((5, 6, 3), np.uint8)
                frame[self.place] = [10, 20, 30 + self.steps]
                return frame.transpose(1, 0, 2)

        class Cells(Corridor):
            "Observes its place as one of five."
            def __init__(self):
                super().__init__()
                self.observation_space = Discrete(5)

            def seen(self):
                return np.int64(self.place)

        class WrongShape(Corridor):
            def seen(self):
                return np.zeros(3)

        class Old(Corridor):
            def step(self, action):
                return super().step(action)[:4]

        class Raises(Corridor):
            def step(self, action):
                raise RuntimeError("the engine is on fire")

        class BadMask(Corridor):
            def __init__(self):
                super().__init__(mask=True)

            def info(self):
                return {"action_mask": [True]}

        class Continuous(Corridor):
            def __init__(self):
                super().__init__()
                self.action_space = Box((2,), "float32")

        class Dictionary(Corridor):
            def __init__(self):
                super().__init__()
                self.observation_space = {"a": 1}
        """;

    private static readonly Lazy<PyModule> s_module = new(() =>
    {
        PythonInterpreter.Start();
        using (Py.GIL())
            return PyModule.FromString("dqn_test_tasks", Code);
    });

    /// <summary>Makes one: <c>Corridor(start=3)</c>.</summary>
    public static PyObject Make(string expression)
    {
        PyModule module = s_module.Value;
        using (Py.GIL())
            return module.Eval(expression);
    }

    /// <summary>Installs a module "gymnasium" that makes them by name, where there is no real one to ask.</summary>
    public static void StandIn()
    {
        PyModule module = s_module.Value;
        using (Py.GIL())
        {
            module.Exec(
                """
                import sys, types
                def make(id, **arguments):
                    if id not in globals():
                        raise KeyError(f"Environment `{id}` doesn't exist.")
                    return globals()[id](**arguments)
                stand_in = types.ModuleType("gymnasium")
                stand_in.make = make
                sys.modules["gymnasium"] = stand_in
                """);
        }
    }

    /// <summary>Removes it, so that importing it fails.</summary>
    public static void NoGymnasium()
    {
        PyModule module = s_module.Value;
        using (Py.GIL())
            module.Exec("import sys; sys.modules['gymnasium'] = None");
    }
}
