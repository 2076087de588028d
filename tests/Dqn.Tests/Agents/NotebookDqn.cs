using Dqn.Randomness;

namespace Dqn.Tests.Agents;

/// <summary>
/// The notebook's DQN class line by line, on a table: the agent's plain twin, for tasks without an end and with a
/// buffer that never fills, where an index of the notebook's buffer is a transition of ours.
/// </summary>
internal sealed class NotebookDqn
{
    private readonly Pcg64 _exploration;
    private readonly Pcg64 _sampling;
    private readonly List<(byte S, int A, float R, byte SPrime)> _buffer = [];
    private readonly int _actions;
    private readonly float _learningRate;
    private readonly double _epsilonMin;
    private readonly double _epsilonDecay;
    private readonly int _batchSize;
    private readonly int _warmupSteps;
    private readonly int _targetUpdateInterval;

    public NotebookDqn(
        int states, int actions, float learningRate, double epsilonMin, double decaySteps, int batchSize,
        int warmupSteps, int targetUpdateInterval, ulong seed)
    {
        _exploration = new Pcg64(seed);
        _sampling = new Pcg64(_exploration.NextUInt64());
        (_actions, _learningRate, _epsilonMin) = (actions, learningRate, epsilonMin);
        _epsilonDecay = (1 - epsilonMin) / decaySteps;
        (_batchSize, _warmupSteps, _targetUpdateInterval) = (batchSize, warmupSteps, targetUpdateInterval);
        Network = new float[states, actions];
        Target = new float[states, actions];
    }

    public double Epsilon { get; private set; } = 1;

    public int TotalSteps { get; private set; }

    public float[,] Network { get; }

    public float[,] Target { get; }

    public int Act(byte x)
    {
        if (_exploration.NextDouble() < Epsilon || TotalSteps < _warmupSteps)
            return _exploration.Integer(_actions);
        return ArgMax(Network, x);
    }

    public void Process(byte s, int a, float r, byte sPrime)
    {
        TotalSteps++;
        _buffer.Add((s, a, r, sPrime));
        if (TotalSteps > _warmupSteps)
            Learn();
        if (TotalSteps % _targetUpdateInterval == 0)
            Array.Copy(Network, Target, Network.Length);
        Epsilon = Math.Max(_epsilonMin, Epsilon - _epsilonDecay);
    }

    private void Learn()
    {
        var batch = new (byte S, int A, float Error)[_batchSize];
        for (int i = 0; i < _batchSize; i++)
        {
            var (s, a, r, sPrime) = _buffer[_sampling.Integer(_buffer.Count)];
            float tdTarget = r + 0.99f * Target[sPrime, ArgMax(Target, sPrime)];
            batch[i] = (s, a, tdTarget - Network[s, a]);
        }

        foreach (var (s, a, error) in batch)
            Network[s, a] += _learningRate * error;
    }

    private int ArgMax(float[,] table, byte s) => Enumerable.Range(0, _actions).MaxBy(a => table[s, a]);
}
