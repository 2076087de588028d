using Dqn.Networks;
using Dqn.Orleans.Messages;

namespace Dqn.Orleans.Learner;

/// <summary>The newest weights as the actors get them: written on the learner's thread, read on any.</summary>
/// <param name="epoch">Which life of the learner.</param>
internal sealed class WeightsStore(Guid epoch)
{
    private volatile WeightsMessage? _newest;
    private int _length; // Of the file before: all versions' are alike.

    /// <summary>The newest version; 0: none yet.</summary>
    public long Version => _newest?.Version ?? 0;

    /// <summary>The newest weights, where they are newer than what somebody has.</summary>
    /// <param name="from">Which life of the learner that is from.</param>
    /// <param name="have">Its version.</param>
    public WeightsMessage? NewerThan(Guid from, long have) =>
        _newest is { } newest && (from != epoch || newest.Version > have) ? newest : null;

    /// <summary>Publishes a network as it is now.</summary>
    public void Publish(IQNetwork network)
    {
        var file = new MemoryStream(_length);
        NetworkFile.Write(file, network);
        _length = (int)file.Length;
        byte[] bytes = file.GetBuffer();
        if (bytes.Length != _length)
            bytes = file.ToArray();
        _newest = new WeightsMessage { Epoch = epoch, Version = Version + 1, File = bytes };
    }
}
