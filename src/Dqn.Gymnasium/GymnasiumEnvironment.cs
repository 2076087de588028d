using System.Globalization;
using System.Text.Json.Nodes;
using Dqn.Environments;
using Python.Runtime;

namespace Dqn.Gymnasium;

/// <summary>
/// One of Gymnasium's environments with discrete actions, or any Python object that has its <c>reset(seed=…)</c> and
/// <c>step(action)</c>. Observations are numbers (a Box of floats or integers as single precision, a Discrete as one feature
/// per value) or pixels (a Box of bytes). Python runs one thread at a time, so that several of these share one core.
/// </summary>
/// <example><code>
/// using IEnvironment environment = new GymnasiumEnvironment("ALE/Pong-v5", new { frameskip = 1 })
///     .WithFrameSkip(4).WithPixels(84, 84, stack: 4);
/// </code></example>
public sealed class GymnasiumEnvironment : IEnvironment
{
    private readonly PyObject _environment;
    private readonly PythonSpaces _spaces;
    private readonly JsonObject _made;
    private readonly bool[] _legalActions;
    private PyObject? _observation;
    private EpisodePhase _phase = EpisodePhase.New;

    /// <summary>Makes an environment by its id, <c>gymnasium.make(id, …)</c>.</summary>
    /// <param name="id">"CartPole-v1"; "module:id" imports the module first, as in Gymnasium.</param>
    /// <param name="arguments">
    /// Further arguments as an object's properties, <c>new { continuous = false }</c>: texts, numbers, booleans. Null: none.
    /// </param>
    /// <param name="hasIllegalActions">
    /// Whether its infos have an <c>action_mask</c> of the legal actions (<see cref="EnvironmentSpec.HasIllegalActions"/>).
    /// </param>
    /// <exception cref="InvalidOperationException">
    /// There is no Python or no Gymnasium, or Gymnasium cannot make it: the message has Python's.
    /// </exception>
    /// <exception cref="NotSupportedException">Its actions or observations are of another kind.</exception>
    public GymnasiumEnvironment(string id, object? arguments = null, bool hasIllegalActions = false)
        : this(() => PythonObjects.Make(id, arguments), id, PythonObjects.Describe(arguments), hasIllegalActions)
    {
    }

    /// <summary>Takes a Python object, which this environment owns and closes.</summary>
    /// <param name="environment">
    /// Has <c>reset</c>, <c>step</c>, <c>observation_space</c> and <c>action_space</c> as Gymnasium's have.
    /// </param>
    /// <param name="name">The task's name, for logs and saved runs.</param>
    /// <param name="hasIllegalActions">Whether its infos have an <c>action_mask</c>.</param>
    /// <exception cref="NotSupportedException">Its actions or observations are of another kind.</exception>
    public GymnasiumEnvironment(PyObject environment, string name, bool hasIllegalActions = false)
        : this(() => environment, name, [], hasIllegalActions) => ArgumentNullException.ThrowIfNull(environment);

    private GymnasiumEnvironment(Func<PyObject> make, string name, JsonObject arguments, bool hasIllegalActions)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        PythonInterpreter.Start();
        using (Py.GIL())
        {
            _environment = make();
            _spaces = new PythonSpaces(_environment, name);
            Spec = _spaces.Spec(name, hasIllegalActions);
        }

        _made = new JsonObject { ["id"] = name, ["arguments"] = arguments };
        _legalActions = new bool[hasIllegalActions ? Spec.ActionCount : 0];
    }

    /// <inheritdoc/>
    public EnvironmentSpec Spec { get; }

    /// <summary>The spec, the id and the arguments; what the Python object itself is made of, it alone knows.</summary>
    public JsonObject Describe()
    {
        JsonObject description = EnvironmentDescription.Of(this);
        description["made"] = _made.DeepClone();
        return description;
    }

    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException">Python raised an exception: the message has it.</exception>
    public void Reset(ulong? seed = null)
    {
        _phase = EpisodePhase.New;
        using (Py.GIL())
        {
            using PyObject result = PythonObjects.Call($"{Spec.Name}: reset", () =>
            {
                using PyDict arguments = new();
                using PyObject value = seed is { } number ? PythonObjects.Integer(number) : PythonObjects.None;
                arguments["seed"] = value;
                return _environment.InvokeMethod("reset", Array.Empty<PyObject>(), arguments);
            });
            PyObject[] parts = PythonObjects.Tuple(result, 2, $"{Spec.Name}: reset", "(observation, info)");
            Keep(parts[0]);
            using PyObject info = parts[1];
            ReadLegalActions(info, ended: false);
        }

        _phase = EpisodePhase.Running;
    }

    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException">
    /// Called before <see cref="Reset"/> or after the episode's end; or Python raised an exception: the message has it.
    /// </exception>
    public StepResult Step(int action)
    {
        Spec.ThrowIfNotAnAction(action);
        _phase.ThrowIfNotRunning(Spec);
        if (_legalActions.Length > 0 && !_legalActions[action])
            throw new ArgumentException($"{Spec.Name}: expected a legal action, got {action}.", nameof(action));
        _phase = EpisodePhase.New; // Where Python fails, it is to be reset.
        StepResult result;
        using (Py.GIL())
        {
            string call = $"{Spec.Name}: step";
            using PyObject returned = PythonObjects.Call(call, () =>
            {
                using PyInt number = new(action + _spaces.FirstAction);
                return _environment.InvokeMethod("step", number);
            });
            PyObject[] parts = PythonObjects.Tuple(
                returned, 5, call, "(observation, reward, terminated, truncated, info)");
            Keep(parts[0]);
            using PyObject reward = parts[1], terminated = parts[2], truncated = parts[3], info = parts[4];
            result = new StepResult(
                PythonObjects.Number(reward, call), terminated.IsTrue(), truncated.IsTrue());
            ReadLegalActions(info, result.Terminated);
        }

        _phase = result.Ended ? EpisodePhase.Ended : EpisodePhase.Running;
        return result;
    }

    /// <inheritdoc/>
    public void LegalActions(Span<bool> legalActions)
    {
        if (_legalActions.Length == 0)
            legalActions.Fill(true);
        else
            _legalActions.CopyTo(legalActions);
    }

    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException">
    /// Called before <see cref="Reset"/>; or Python gave an observation of another shape than it said.
    /// </exception>
    public void Observe(Span<byte> observation)
    {
        Spec.ThrowIfNotAnObservation(observation);
        if (_observation is null)
            _phase.ThrowIfNew(Spec, nameof(Observe));
        using (Py.GIL())
            _spaces.Read(_observation!, observation, Spec);
    }

    /// <summary>Closes the Python environment.</summary>
    public void Dispose()
    {
        using (Py.GIL())
        {
            _observation?.Dispose();
            _observation = null;
            if (_environment.HasAttr("close"))
                PythonObjects.Call($"{Spec.Name}: close", () => _environment.InvokeMethod("close")).Dispose();
            _spaces.Dispose();
            _environment.Dispose();
        }
    }

    // Read when somebody looks: a frame that nobody sees is never copied.
    private void Keep(PyObject observation)
    {
        _observation?.Dispose();
        _observation = observation;
    }

    private void ReadLegalActions(PyObject info, bool ended)
    {
        using PyString key = new("action_mask");
        bool says = PyDict.IsDictType(info) && info.InvokeMethod("__contains__", key).IsTrue();
        if (says && _legalActions.Length == 0)
        {
            throw new InvalidOperationException(
                $"{Spec.Name}: expected no 'action_mask' in info, got one, which would be ignored. Say hasIllegalActions: true.");
        }

        if (_legalActions.Length == 0)
            return;
        if (!says)
        {
            if (!ended)
            {
                throw new InvalidOperationException(
                    $"{Spec.Name}: expected 'action_mask' in info, since hasIllegalActions is set, found none.");
            }

            return;
        }

        using PyObject mask = info[key];
        long length = mask.Length();
        if (length != _legalActions.Length)
        {
            throw new InvalidOperationException(string.Create(
                CultureInfo.InvariantCulture,
                $"{Spec.Name}: expected an 'action_mask' of {_legalActions.Length} actions, got one of {length}."));
        }

        for (int action = 0; action < _legalActions.Length; action++)
        {
            using PyObject legal = mask[action];
            _legalActions[action] = legal.IsTrue();
        }
    }
}
