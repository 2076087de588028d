using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json.Nodes;
using Dqn.Agents;
using Dqn.CarRacing.Presets;
using Dqn.Environments;
using Dqn.Networks;
using Dqn.Training;

namespace Dqn.CarRacing;

/// <summary>
/// A trained network and the pixel pipeline that it was trained with: from the package, where a pretrained driver is, or
/// from a file.
/// </summary>
/// <example><code>
/// using var driver = CarRacingDriver.Load();
/// using FrameStack environment = driver.CreateEnvironment();
/// environment.Reset(seed: 20_000);
/// environment.Observe(observation);
/// StepResult result = environment.Step(driver.Act(observation));
/// </code></example>
public sealed class CarRacingDriver : IDisposable
{
    private const int Side = 84;
    private const string NoOpFramesKey = "no_op_frames", TileContrastKey = "tile_contrast";
    private const string Pretrained = "Dqn.CarRacing.pretrained.safetensors";

    private readonly GreedyPolicy _policy;

    private CarRacingDriver(LoadedNetwork loaded, PixelPipeline pixels, CarActions actions)
    {
        (Network, Pixels, Actions, Assumptions) = (loaded.Network, pixels, actions, loaded.Assumptions);
        using FrameStack environment = CreateEnvironment();
        _policy = new GreedyPolicy(Network, environment.Spec);
    }

    /// <summary>The network.</summary>
    public QNetwork Network { get; }

    /// <summary>The task as the network sees it.</summary>
    public PixelPipeline Pixels { get; }

    /// <summary>What its actions do: Gymnasium's five, or what the file says.</summary>
    public CarActions Actions { get; }

    /// <summary>
    /// What the file did not say and was taken for granted, one sentence each; to be shown to whoever chose the file.
    /// </summary>
    public ImmutableArray<string> Assumptions { get; }

    /// <summary>
    /// The pretrained driver of this package: a mean return of 913.7 over the 100 tracks of seeds 20,000–20,099.
    /// </summary>
    public static CarRacingDriver Load()
    {
        using Stream stream = typeof(CarRacingDriver).Assembly.GetManifestResourceStream(Pretrained)
            ?? throw new InvalidOperationException($"Expected the resource {Pretrained} in the package, found none.");
        return Make(NetworkFile.Read(stream, Known(CarActions.Gymnasium.Count)), null, null, "the pretrained driver");
    }

    /// <summary>A driver from a .safetensors file, or from a .pt of PyTorch's.</summary>
    /// <param name="path">The file.</param>
    /// <param name="noOpFrames">
    /// Frames at an episode's start that pass without the agent; null: what the file says, else the notebook's 50.
    /// </param>
    /// <param name="tileContrast">
    /// Whether unvisited road is made to stand out; null: what the file says, else not, as in the notebook.
    /// </param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">It is no network for this task: the message says why.</exception>
    public static CarRacingDriver Load(string path, int? noOpFrames = null, bool? tileContrast = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (!File.Exists(path))
            throw new FileNotFoundException($"There is no model file {Path.GetFullPath(path)}.", path);
        CarActions actions = In(path, () => ActionsOf(NetworkFile.ReadMetadata(path)));
        return Make(NetworkFile.Read(path, Known(actions.Count)), noOpFrames, tileContrast, path);
    }

    /// <summary>The task, with frames of the size that the network sees and the driver's actions.</summary>
    /// <param name="options">
    /// How the task differs from Gymnasium's CarRacing-v3; null: not. Its actions are the driver's in any case.
    /// </param>
    public FrameStack CreateEnvironment(CarRacingOptions? options = null) =>
        Pixels.Create((options ?? new CarRacingOptions()) with { Actions = Actions });

    /// <summary>The action that the network values most; safe for any number of threads at once.</summary>
    /// <param name="observation">As the environment's <see cref="IEnvironment.Observe"/> writes it.</param>
    /// <param name="legalActions">Empty, since all are always legal: so that this is a <see cref="Policy"/>.</param>
    public int Act(ReadOnlySpan<byte> observation, ReadOnlySpan<bool> legalActions = default) =>
        _policy.Act(observation, legalActions);

    /// <summary>Disposes the network.</summary>
    public void Dispose()
    {
        _policy.Dispose();
        Network.Dispose();
    }

    // What a file may hold that does not say it itself: the notebook's network, and the presets' as training keeps them.
    private static Sequential[] Known(int actions) =>
    [
        new CnnActionValue(4, actions), new CompactCnnActionValue(4, actions),
        new CompactCnnActionValue(4, actions, options: Kept(CarRacingPresets.Fast.Agent), scale: CarRacingPresets.Fast.Network.Scale),
    ];

    private static CarRacingDriver Make(LoadedNetwork loaded, int? noOpFrames, bool? tileContrast, string place)
    {
        try
        {
            return In(place, () =>
            {
                PixelPipeline pixels = Pipeline(loaded.Metadata);
                pixels = pixels with
                {
                    NoOpFrames = noOpFrames ?? pixels.NoOpFrames,
                    TileContrast = tileContrast ?? pixels.TileContrast,
                    Downscale = Side / Math.Max(1, loaded.Network.Architecture.ObservationShape[^1]),
                };
                return new CarRacingDriver(loaded, pixels, ActionsOf(loaded.Metadata));
            });
        }
        catch
        {
            loaded.Dispose();
            throw;
        }
    }

    // Whatever is wrong with what a file says is said of the file.
    private static T In<T>(string place, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception exception) when (exception is ArgumentException or InvalidOperationException or FormatException
            || (exception is InvalidDataException && !exception.Message.StartsWith(place, StringComparison.Ordinal)))
        {
            throw new InvalidDataException($"{place}: {exception.Message}", exception);
        }
    }

    // As the environment's description says, or as files before it did.
    private static PixelPipeline Pipeline(IReadOnlyDictionary<string, string> metadata)
    {
        PixelPipeline pixels = new();
        if (PolicyMetadata.Environment(metadata) is { } description)
        {
            for (JsonObject? part = description; part is not null; part = part["inner"] as JsonObject)
            {
                pixels = part["kind"]?.ToString() switch
                {
                    nameof(TimeLimit) => pixels with { Frames = part["frames"]!.GetValue<int>() },
                    nameof(NoOpStart) => pixels with { NoOpFrames = part["steps"]!.GetValue<int>() },
                    nameof(ToneCurve) => pixels with { TileContrast = true },
                    _ => pixels,
                };
            }

            return pixels;
        }

        return pixels with
        {
            NoOpFrames = Value(metadata, NoOpFramesKey, pixels.NoOpFrames),
            TileContrast = Value(metadata, TileContrastKey, pixels.TileContrast),
        };
    }

    private static CarActions ActionsOf(IReadOnlyDictionary<string, string> metadata)
    {
        JsonObject? part = PolicyMetadata.Environment(metadata);
        while (part?["inner"] is JsonObject inner)
            part = inner;
        return part?["options"] is JsonObject options && options["actions"] is { } table
            ? CarActions.FromJson(table)
            : CarActions.Gymnasium;
    }

    private static T Value<T>(IReadOnlyDictionary<string, string> metadata, string key, T otherwise)
        where T : IParsable<T> =>
        !metadata.TryGetValue(key, out string? text) ? otherwise
        : T.TryParse(text, CultureInfo.InvariantCulture, out T? value) ? value
        : throw new InvalidDataException($"expected a {typeof(T).Name} as {key}, not what the file says.");

    private static ActionValueOptions Kept(DqnOptions agent) => agent.Architecture with
    {
        Distribution = agent.Architecture.Distribution.AtRisk(agent.EvaluationRisk) ?? agent.Architecture.Distribution,
    };
}
