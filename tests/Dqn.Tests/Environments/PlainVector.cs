using Dqn.Environments;

namespace Dqn.Tests.Environments;

/// <summary>A vector of environments as plainly as it can be said: the twin of VectorEnvironment.</summary>
internal sealed class PlainVector
{
    private readonly IEnvironment[] _environments;
    private readonly AutoresetMode _mode;

    public PlainVector(int count, Func<int, IEnvironment> create, AutoresetMode mode)
    {
        _environments = [.. Enumerable.Range(0, count).Select(create)];
        _mode = mode;
        Ended = new bool[count];
        Finals = new byte[count][];
    }

    /// <summary>Whose episode the last step ended.</summary>
    public bool[] Ended { get; }

    /// <summary>With SameStep: the last observation of each episode that ended in the last step.</summary>
    public byte[]?[] Finals { get; }

    public void Reset(ulong seed)
    {
        for (int i = 0; i < _environments.Length; i++)
            _environments[i].Reset(seed + (ulong)i);
    }

    public void Reset(bool[] mask)
    {
        for (int i = 0; i < _environments.Length; i++)
        {
            if (mask[i])
                _environments[i].Reset();
        }
    }

    public void Step(int[] actions, StepResult[] results, byte[] observations)
    {
        int length = _environments[0].Spec.ObservationBytes;
        for (int i = 0; i < _environments.Length; i++)
        {
            Finals[i] = null;
            if (_mode == AutoresetMode.NextStep && Ended[i])
            {
                _environments[i].Reset();
                results[i] = new StepResult(0, false, false);
            }
            else
            {
                results[i] = _environments[i].Step(actions[i]);
            }

            Ended[i] = results[i].Ended;
            if (_mode == AutoresetMode.SameStep && Ended[i])
            {
                Finals[i] = new byte[length];
                _environments[i].Observe(Finals[i]);
                _environments[i].Reset();
            }

            _environments[i].Observe(observations.AsSpan(i * length, length));
        }
    }
}
