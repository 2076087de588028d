using System.Collections.Immutable;
using System.Globalization;
using Dqn.Agents;
using Dqn.CarRacing;
using Dqn.Environments;
using Dqn.Networks;

namespace Dqn.Samples.CarRacing;

/// <summary>A trained network, from a .safetensors file or a .pt of PyTorch's, and the task that it was trained for.</summary>
internal sealed class Model : IDisposable
{
    private const int Side = 84;
    private const int MaxNoOpFrames = 1000;
    private const string NoOpFramesKey = "no_op_frames", TileContrastKey = "tile_contrast";

    private readonly int _noOpFrames;
    private readonly bool _tileContrast;

    private Model(QNetwork network, int noOpFrames, bool tileContrast) =>
        (Network, _noOpFrames, _tileContrast) = (network, noOpFrames, tileContrast);

    /// <summary>The network.</summary>
    public QNetwork Network { get; }

    /// <summary>What a weights file should say of the task besides the network's architecture.</summary>
    public static ImmutableDictionary<string, string> Metadata(Preset preset) => ImmutableDictionary.Create<string, string>()
        .Add(NoOpFramesKey, preset.NoOpFrames.ToString(CultureInfo.InvariantCulture))
        .Add(TileContrastKey, preset.TileContrast.ToString());

    /// <summary>
    /// The network that the file says it is, else that its tensors' shapes say; what these leave open is printed; see
    /// <see cref="NetworkFile"/>. The task is as given, else as the file says, else the notebook's: 50 frames without the
    /// agent, no contrast.
    /// </summary>
    public static Model Load(FileInfo file, int? noOpFrames, bool? tileContrast)
    {
        if (!file.Exists)
            throw new FileNotFoundException($"There is no model file {file.FullName}.");
        LoadedNetwork loaded = NetworkFile.Read(
            file.FullName,
            [
                new CnnActionValue(4, 5), new CompactCnnActionValue(4, 5),
                new CompactCnnActionValue(4, 5, options: Kept(Presets.Fast.Agent), scale: Presets.Fast.Network.Scale),
            ]);
        foreach (string assumption in loaded.Assumptions)
            Console.Error.WriteLine($"{file.Name}: {assumption}");
        int frames = noOpFrames ?? Task(loaded.Metadata, NoOpFramesKey, 50, file);
        if (frames is < 0 or > MaxNoOpFrames)
        {
            loaded.Dispose();
            throw new InvalidDataException(
                $"{file.FullName}: expected {NoOpFramesKey} of 0 … {MaxNoOpFrames}, an episode's frames, got {frames}.");
        }

        return new Model(
            loaded.Network, frames, tileContrast ?? Task(loaded.Metadata, TileContrastKey, false, file));
    }

    /// <summary>The task with frames of the size that the network sees.</summary>
    public FrameStack CreateEnvironment(int frames = 1000) => CarRacingEnvironment.CreatePixelPipeline(
        frames: frames, downscale: Side / Network.Architecture.ObservationShape[1], noOpFrames: _noOpFrames,
        tileContrast: _tileContrast);

    /// <inheritdoc/>
    public void Dispose() => Network.Dispose();

    // As training keeps its weights: to be valued by the lowest quantiles, if so.
    private static ActionValueOptions Kept(DqnOptions agent) => agent.Architecture with
    {
        Distribution = agent.Architecture.Distribution is QuantileDistribution quantiles
            ? quantiles with { RiskLevel = agent.EvaluationRisk }
            : agent.Architecture.Distribution,
    };

    private static T Task<T>(IReadOnlyDictionary<string, string> metadata, string key, T otherwise, FileInfo file)
        where T : IParsable<T> =>
        !metadata.TryGetValue(key, out string? text) ? otherwise
        : T.TryParse(text, CultureInfo.InvariantCulture, out T? value) ? value
        : throw new InvalidDataException($"{file.FullName}: expected a {typeof(T).Name} as {key}, not what it says.");
}
