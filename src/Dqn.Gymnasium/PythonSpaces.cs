using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Dqn.Environments;
using Python.Runtime;

namespace Dqn.Gymnasium;

/// <summary>What a Python environment's spaces say, and how its observations are read.</summary>
internal sealed class PythonSpaces : IDisposable
{
    private readonly PyObject _asArray;
    private readonly PyObject _type; // NumPy's name of what the observation's numbers become.
    private readonly ImmutableArray<int> _shape;
    private readonly bool _pixels;
    private readonly int _values, _firstValue; // Of a Discrete observation; 0: a Box.
    private readonly int _actions;

    /// <summary>Reads the spaces.</summary>
    /// <exception cref="NotSupportedException">They are of another kind: the message says which kinds there are.</exception>
    public PythonSpaces(PyObject environment, string name)
    {
        using PyObject actions = Attribute(environment, "action_space", name),
            observations = Attribute(environment, "observation_space", name);
        if (!actions.HasAttr("n") || actions.HasAttr("nvec"))
        {
            throw new NotSupportedException(
                $"{name}: expected discrete actions, got {PythonObjects.Short(actions)}. A wrapper that gives it some: " +
                "gymnasium.ActionWrapper.");
        }

        (_actions, FirstAction) = (Whole(actions, "n"), actions.HasAttr("start") ? Whole(actions, "start") : 0);
        if (observations.HasAttr("n") && !observations.HasAttr("nvec"))
        {
            (_values, _firstValue) = (Whole(observations, "n"), observations.HasAttr("start") ? Whole(observations, "start") : 0);
            _shape = [_values];
        }
        else if (observations.HasAttr("low") && observations.HasAttr("shape") && observations.HasAttr("dtype"))
        {
            using PyObject shape = observations.GetAttr("shape"), type = observations.GetAttr("dtype");
            _shape = [.. Enumerable.Range(0, (int)shape.Length()).Select(i => shape[i].As<int>())];
            _shape = _shape.IsEmpty ? [1] : _shape;
            _pixels = type.ToString() == "uint8";
        }
        else
        {
            throw new NotSupportedException(
                $"{name}: expected observations of a Box or a Discrete, got {PythonObjects.Short(observations)}. " +
                "gymnasium.wrappers.FlattenObservation makes a Box of others.");
        }

        using PyObject numpy = Numpy();
        _asArray = numpy.GetAttr("ascontiguousarray");
        _type = new PyString(_pixels ? "uint8" : "float32");
    }

    /// <summary>The number of the first action in Python.</summary>
    public int FirstAction { get; }

    /// <summary>The spaces as a spec.</summary>
    public EnvironmentSpec Spec(string name, bool hasIllegalActions) => new()
    {
        Name = name,
        ObservationShape = _shape,
        ElementType = _pixels ? ElementType.Byte : ElementType.Single,
        ActionCount = _actions,
        HasIllegalActions = hasIllegalActions,
    };

    /// <summary>Writes an observation.</summary>
    /// <exception cref="InvalidOperationException">It is not what the space says.</exception>
    public unsafe void Read(PyObject observation, Span<byte> destination, EnvironmentSpec spec)
    {
        if (_values > 0)
        {
            ReadDiscrete(observation, MemoryMarshal.Cast<byte, float>(destination), spec);
            return;
        }

        // Gives the array itself where it already is one.
        using PyObject array = PythonObjects.Call(
            $"{spec.Name}: the observation", () => _asArray.Invoke(observation, _type));
        using PyBuffer buffer = array.GetBuffer(PyBUF.CONTIG_RO);
        long[] shape = buffer.Shape ?? [];
        if (!shape.Select(axis => (int)axis).SequenceEqual(_shape) && !(shape.Length <= 1 && _shape is [1]))
        {
            throw new InvalidOperationException(
                $"{spec.Name}: expected an observation of [{string.Join(", ", _shape)}], as its observation_space says, got " +
                $"[{string.Join(", ", shape)}].");
        }

        new ReadOnlySpan<byte>((void*)buffer.Buffer, destination.Length).CopyTo(destination);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _asArray.Dispose();
        _type.Dispose();
    }

    private void ReadDiscrete(PyObject observation, Span<float> features, EnvironmentSpec spec)
    {
        int value = PythonObjects.Call($"{spec.Name}: the observation", () => observation.InvokeMethod("__index__")).As<int>()
            - _firstValue;
        if ((uint)value >= (uint)_values)
        {
            throw new InvalidOperationException(
                $"{spec.Name}: expected an observation of {_firstValue} … {_firstValue + _values - 1}, got {value + _firstValue}.");
        }

        features.Clear();
        features[value] = 1;
    }

    private static PyObject Attribute(PyObject environment, string attribute, string name) => environment.HasAttr(attribute)
        ? environment.GetAttr(attribute)
        : throw new NotSupportedException(
            $"{name}: expected an object with reset, step, observation_space and action_space, got " +
            $"{PythonObjects.Short(environment)} without {attribute}.");

    private static int Whole(PyObject space, string attribute)
    {
        using PyObject value = space.GetAttr(attribute);
        using PyObject index = value.InvokeMethod("__index__"); // NumPy's whole numbers too.
        return index.As<int>();
    }

    private static PyObject Numpy()
    {
        try
        {
            return Py.Import("numpy");
        }
        catch (PythonException exception)
        {
            throw new InvalidOperationException(
                "Expected Python's package numpy, found none: pip install numpy, in the Python that " +
                $"{PythonInterpreter.Variable} names. ({exception.Message})", exception);
        }
    }
}
