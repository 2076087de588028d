using Dqn.Networks;

namespace Dqn.Agents;

/// <summary>
/// The network that values next states: a copy of the online one that stands still for a while, or follows it slowly
/// (<see cref="DqnOptions.TargetUpdateRate"/>).
/// </summary>
internal sealed class TargetNetwork(IQNetwork online, double rate) : IDisposable
{
    /// <summary>The copy; only this class changes its parameters.</summary>
    public IQNetwork Network { get; } = online.Clone();

    /// <summary>Another number whenever the parameters have become others.</summary>
    public int Version { get; private set; }

    /// <summary>Makes it equal to the online one.</summary>
    public void Synchronize()
    {
        Version++;
        Network.CopyParametersFrom(online);
    }

    /// <summary>Moves it towards the online one; at a rate of 1 it becomes equal.</summary>
    public void Update()
    {
        Version++;
        if (rate == 1)
            Network.CopyParametersFrom(online);
        else
            Network.MoveParametersTowards(online, (float)rate);
    }

    /// <summary>Writes the parameters.</summary>
    public void SaveState(BinaryWriter writer) => Network.SaveState(writer);

    /// <summary>Reads what <see cref="SaveState"/> wrote.</summary>
    public void LoadState(BinaryReader reader)
    {
        Version++;
        Network.LoadState(reader);
    }

    /// <summary>Disposes the copy.</summary>
    public void Dispose() => Network.Dispose();
}
