using System.Collections.Immutable;
using System.Globalization;
using Dqn.Environments;
using Dqn.Environments.CarRacing;
using Dqn.Networks;
using Dqn.Serialization;

namespace Dqn.Samples.CarRacing;

/// <summary>A trained network, from a .safetensors file or a .pt of PyTorch's, and the task that it was trained for.</summary>
internal sealed class Model : IDisposable
{
    private const int Side = 84;
    private const string NoOpFramesKey = "no_op_frames";

    private readonly int _noOpFrames;

    private Model(QNetwork network, int noOpFrames) => (Network, _noOpFrames) = (network, noOpFrames);

    /// <summary>The network.</summary>
    public QNetwork Network { get; }

    /// <summary>What a weights file should say of the task besides the network's architecture.</summary>
    public static ImmutableDictionary<string, string> Metadata(int noOpFrames) =>
        ImmutableDictionary.Create<string, string>().Add(NoOpFramesKey, noOpFrames.ToString(CultureInfo.InvariantCulture));

    /// <summary>
    /// The network that the file says it is, else that its tensors' shapes say; see <see cref="NetworkFile"/>. An
    /// episode begins with as many frames without the agent as given, else as the file says, else with the notebook's 50.
    /// </summary>
    public static Model Load(FileInfo file, int? noOpFrames)
    {
        if (!file.Exists)
            throw new FileNotFoundException($"There is no model file {file.FullName}.");
        if (noOpFrames is null)
        {
            StateDictFile.Read(file.FullName, out IReadOnlyDictionary<string, string> metadata);
            noOpFrames = metadata.TryGetValue(NoOpFramesKey, out string? text) ? ParseNoOpFrames(text, file) : 50;
        }

        ArgumentOutOfRangeException.ThrowIfNegative(noOpFrames.Value);
        return new Model(
            NetworkFile.Read(
                file.FullName,
                [
                    new CnnActionValue(4, 5), new CompactCnnActionValue(4, 5),
                    new CompactCnnActionValue(4, 5, options: Presets.Fast.Agent.Architecture),
                ]),
            noOpFrames.Value);
    }

    /// <summary>The task with frames of the size that the network sees.</summary>
    public FrameStack CreateEnvironment(int frames = 1000) => CarRacingEnvironment.CreatePixelPipeline(
        frames: frames, downscale: Side / Network.Architecture.ObservationShape[1], noOpFrames: _noOpFrames);

    /// <inheritdoc/>
    public void Dispose() => Network.Dispose();

    private static int ParseNoOpFrames(string text, FileInfo file) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int frames) ? frames
        : throw new InvalidDataException($"{file.FullName}: expected a number of frames as {NoOpFramesKey}, got '{text}'.");
}
