using Dqn.Replay;

namespace Dqn.Agents;

/// <summary>
/// What the environments did since the network last learnt: N lanes of at most T transitions in the order in which they
/// were made, each frame stored once, and the values of the observations that the network has valued while acting.
/// </summary>
internal sealed class Rollouts
{
    private readonly int _steps;
    private readonly int[] _counts; // [environments]: transitions not yet learnt from.
    private readonly float[] _values; // [environments, steps]: of the observations they begin at; NaN: not known.
    private readonly float[] _current; // [environments]: of what is observed now; NaN: not known.

    /// <summary>Makes an empty memory.</summary>
    /// <param name="frames">
    /// Where the frames are: a lane for each environment, each with room for twice the steps, as an episode takes one place
    /// more than it has transitions.
    /// </param>
    /// <param name="steps">T, at least 1.</param>
    public Rollouts(ReplayBuffer frames, int steps)
    {
        (Frames, _steps) = (frames, steps);
        _counts = new int[frames.Lanes];
        _values = new float[frames.Lanes * steps];
        _current = new float[frames.Lanes];
        _current.AsSpan().Fill(float.NaN);
    }

    /// <summary>The frames, actions, rewards and masks.</summary>
    public ReplayBuffer Frames { get; }

    /// <summary>How many transitions there are.</summary>
    public int Count { get; private set; }

    /// <summary>Whether each environment has made T steps.</summary>
    public bool IsFull => Count == _values.Length;

    /// <summary>Whether an environment has made T steps.</summary>
    public bool IsFullOf(int environment) => _counts[environment] == _steps;

    /// <summary>Frames per lane that T transitions can need.</summary>
    public static long LaneCapacity(int steps) => 2L * steps;

    /// <summary>Starts an episode.</summary>
    public void Begin(ReadOnlySpan<byte> observation, int environment, ReadOnlySpan<bool> legalActions)
    {
        Frames.Begin(observation, environment, legalActions);
        _current[environment] = float.NaN;
    }

    /// <summary>Keeps the value of what an environment observes now.</summary>
    public void Value(int environment, float value) => _current[environment] = value;

    /// <summary>Stores a transition of an environment that has made fewer than T.</summary>
    public void Add(
        int action, float reward, bool terminated, bool truncated, ReadOnlySpan<byte> nextObservation, int environment,
        ReadOnlySpan<bool> nextLegalActions)
    {
        Frames.Add(action, reward, terminated, truncated, nextObservation, environment, nextLegalActions);
        _values[environment * _steps + _counts[environment]++] = _current[environment];
        _current[environment] = float.NaN;
        Count++;
    }

    /// <summary>
    /// Writes the numbers of all transitions, one environment's after the other's, and the values of the observations
    /// that they begin at; NaN where they are not known.
    /// </summary>
    public void Read(Span<long> ids, Span<float> values)
    {
        int at = 0;
        for (int lane = 0; lane < _counts.Length; lane++)
        {
            int count = _counts[lane];
            Frames.ReadLatest(lane, ids.Slice(at, count));
            _values.AsSpan(lane * _steps, count).CopyTo(values[at..]);
            at += count;
        }
    }

    /// <summary>Forgets what observations were worth: the network has changed.</summary>
    public void ForgetValues()
    {
        _values.AsSpan().Fill(float.NaN);
        _current.AsSpan().Fill(float.NaN);
    }

    /// <summary>Forgets the transitions, and values of before the network learnt.</summary>
    public void Clear()
    {
        Array.Clear(_counts);
        ForgetValues();
        Count = 0;
    }

    /// <summary>Writes all of it, the frames too: they are few and all new with every checkpoint.</summary>
    public void SaveState(BinaryWriter writer)
    {
        Frames.SaveState(writer);
        for (int i = 0; i < Frames.SegmentCount; i++)
            if (Frames.SegmentVersion(i) > 0)
                Frames.WriteSegment(i, writer.BaseStream);
        for (int lane = 0; lane < _counts.Length; lane++)
        {
            writer.Write(_counts[lane]);
            foreach (float value in _values.AsSpan(lane * _steps, _counts[lane]))
                writer.Write(value);
            writer.Write(_current[lane]);
        }
    }

    /// <summary>Reads what <see cref="SaveState"/> wrote.</summary>
    /// <exception cref="InvalidDataException">The state is damaged or of other rollouts.</exception>
    public void LoadState(BinaryReader reader)
    {
        Clear();
        Frames.LoadState(reader);
        for (int i = 0; i < Frames.SegmentCount; i++)
            if (Frames.SegmentVersion(i) > 0)
                Frames.ReadSegment(i, reader.BaseStream);
        for (int lane = 0; lane < _counts.Length; lane++)
        {
            int count = reader.ReadInt32();
            if (count < 0 || count > _steps || count > Frames.CountOf(lane))
            {
                throw new InvalidDataException(
                    $"Agent state: expected 0 … {Math.Min(_steps, Frames.CountOf(lane))} steps of environment {lane} to learn " +
                    $"from, got {count}.");
            }

            for (int i = 0; i < count; i++)
                _values[lane * _steps + i] = ReadValue(reader);
            _current[lane] = ReadValue(reader);
            _counts[lane] = count;
            Count += count;
        }
    }

    private static float ReadValue(BinaryReader reader) => reader.ReadSingle() is var value && !float.IsInfinity(value)
        ? value
        : throw new InvalidDataException($"Agent state: expected a finite value, got {value}.");
}
