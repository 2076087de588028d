using System.Text.Json.Nodes;
using Dqn.Randomness;

namespace Dqn.Environments;

/// <summary>
/// Starts some episodes shortly before an earlier one went wrong, so that what an agent rarely fails at is tried more
/// often than it comes up. A setback is a step with a very low reward, or an episode that was given up: reset, by
/// a <see cref="RewardTimeout"/> around this say, before it ended. Each is tried once; what fails again is a new one, and
/// what is mastered comes no more. For training only. It belongs below <see cref="FrameStack"/>: the stack then begins
/// with the first frame, as in any episode. Source: A. Tavakoli, V. Levdik, R. Islam, C. Smith, P. Kormushev, "Exploring
/// restart distributions" (2018), with failures for its notable states.
/// </summary>
public sealed class SetbackStart : EnvironmentWrapper
{
    private const int Interval = 10; // Steps between two snapshots.
    private const int Near = 4; // Of so many of them one is taken after a low reward,
    private const int Far = 12; // and of so many where the trouble may have begun long before.
    private const int Remembered = 32;

    private readonly Pcg64 _random = new();
    private readonly Queue<byte[]> _recent = new(Far); // Of this episode, oldest first.
    private readonly List<byte[]> _setbacks = new(Remembered); // Oldest first.
    private readonly MemoryStream _state = new();
    private bool _running;
    private int _steps; // Since the last snapshot.

    /// <summary>Starts a part of the episodes before setbacks.</summary>
    /// <param name="inner">The environment to wrap; it can save its state.</param>
    /// <param name="part">How often, while setbacks are remembered, an episode starts before one: 0 … 1.</param>
    /// <param name="reward">A reward of this or less is a setback.</param>
    /// <exception cref="ArgumentException">The environment cannot save its state.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The part is out of its range, or the reward not a number.</exception>
    public SetbackStart(IEnvironment inner, double part = 0.5, double reward = -5)
        : base(inner)
    {
        if (!inner.CanSaveState)
            throw new ArgumentException($"Expected an environment that can save its state, got {inner.Spec.Name}.", nameof(inner));
        if (!(part >= 0 && part <= 1))
            throw new ArgumentOutOfRangeException(nameof(part), part, $"Expected a part of 0 … 1, got {part}.");
        if (double.IsNaN(reward))
            throw new ArgumentOutOfRangeException(nameof(reward), reward, "Expected a reward, got NaN.");
        (Part, Reward) = (part, reward);
    }

    /// <summary>How often, while setbacks are remembered, an episode starts before one.</summary>
    public double Part { get; }

    /// <summary>A reward of this or less is a setback.</summary>
    public double Reward { get; }

    /// <summary>How many setbacks are remembered, 0 … 32.</summary>
    public int Count => _setbacks.Count;

    /// <summary>Whether this episode was started before a setback.</summary>
    public bool IsRetry { get; private set; }

    /// <inheritdoc/>
    public override bool KeepsObservations => true;

    /// <inheritdoc/>
    /// <remarks>With a seed all setbacks are forgotten.</remarks>
    public override void Reset(ulong? seed = null)
    {
        if (seed is { } value)
        {
            _random.Seed(value);
            _setbacks.Clear();
        }
        else if (_running)
        {
            Remember(Far);
        }

        _running = false;
        _recent.Clear();
        IsRetry = _setbacks.Count > 0 && _random.NextDouble() < Part;
        if (IsRetry)
        {
            int which = _random.Integer(_setbacks.Count);
            Restore(_setbacks[which]);
            _setbacks.RemoveAt(which);
        }
        else
        {
            // A retry has set the stream of the wrapped environment back: without a seed the same tracks would come again.
            Inner.Reset(seed ?? _random.NextUInt64());
        }

        Take();
        _running = true;
    }

    /// <inheritdoc/>
    public override StepResult Step(int action)
    {
        var result = Inner.Step(action);
        if (result.Reward <= Reward)
            Remember(Near);
        _running = !result.Ended;
        if (_running && ++_steps == Interval)
            Take();
        return result;
    }

    /// <inheritdoc/>
    public override void SaveState(BinaryWriter writer)
    {
        _random.SaveState(writer);
        writer.Write(_running);
        writer.Write(IsRetry);
        writer.Write(_steps);
        Write(writer, _recent);
        Write(writer, _setbacks);
        Inner.SaveState(writer);
    }

    /// <inheritdoc/>
    public override void LoadState(BinaryReader reader)
    {
        _random.LoadState(reader);
        (bool running, bool isRetry, int steps) = (reader.ReadBoolean(), reader.ReadBoolean(), reader.ReadInt32());
        if (steps is < 0 or >= Interval)
            throw new InvalidDataException($"Setbacks: expected 0 … {Interval - 1} steps since a snapshot, got {steps}.");
        List<byte[]> recent = Read(reader, Far), setbacks = Read(reader, Remembered);
        Inner.LoadState(reader);
        (_running, IsRetry, _steps) = (running, isRetry, steps);
        _recent.Clear();
        foreach (byte[] state in recent)
            _recent.Enqueue(state);
        _setbacks.Clear();
        _setbacks.AddRange(setbacks);
    }

    /// <inheritdoc/>
    protected override void Describe(JsonObject numbers)
    {
        numbers["part"] = Part;
        numbers["reward"] = Reward;
    }

    // One of the last snapshots; what follows before the next one has the same cause.
    private void Remember(int last)
    {
        if (_recent.Count == 0)
            return;
        int count = Math.Min(last, _recent.Count);
        if (_setbacks.Count == Remembered)
            _setbacks.RemoveAt(0);
        _setbacks.Add(_recent.ElementAt(_recent.Count - 1 - _random.Integer(count)));
        _recent.Clear();
    }

    private void Take()
    {
        _state.SetLength(0);
        using (var writer = new BinaryWriter(_state, System.Text.Encoding.UTF8, leaveOpen: true))
            Inner.SaveState(writer);
        if (_recent.Count == Far)
            _recent.Dequeue();
        _recent.Enqueue(_state.ToArray());
        _steps = 0;
    }

    private void Restore(byte[] state)
    {
        using var reader = new BinaryReader(new MemoryStream(state, writable: false));
        Inner.LoadState(reader);
    }

    private static void Write(BinaryWriter writer, IReadOnlyCollection<byte[]> states)
    {
        writer.Write(states.Count);
        foreach (byte[] state in states)
        {
            writer.Write(state.Length);
            writer.Write(state);
        }
    }

    private static List<byte[]> Read(BinaryReader reader, int most)
    {
        int count = reader.ReadInt32();
        if (count < 0 || count > most)
            throw new InvalidDataException($"Setbacks: expected at most {most} states, got {count}.");
        var states = new List<byte[]>(count);
        for (int i = 0; i < count; i++)
        {
            int length = reader.ReadInt32();
            if (length < 0)
                throw new InvalidDataException($"Setbacks: expected a state's length, got {length}.");
            byte[] state = reader.ReadBytes(length);
            states.Add(state.Length == length ? state : throw new EndOfStreamException());
        }

        return states;
    }
}
