using System.Collections.Immutable;
using Dqn.Environments;
using Dqn.Networks;
using Dqn.Values;

namespace Dqn.Agents;

/// <summary>Whether a network is for an environment's observations and actions, and is what options say.</summary>
internal static class NetworkMatch
{
    /// <summary>
    /// Throws unless the network takes such observations, and where it says its shape, laid out so: as many bytes in
    /// another order would be learnt from, but as a scrambled picture.
    /// </summary>
    /// <exception cref="ArgumentException">It does not: the message says what was expected and what came.</exception>
    public static void Require(IQNetwork network, EnvironmentSpec spec)
    {
        if (network.ObservationBytes != spec.ObservationBytes || network.ActionCount != spec.ActionCount)
        {
            throw new ArgumentException(
                $"Expected a network for {spec.Name}'s observations of {spec.ObservationBytes} bytes and " +
                $"{spec.ActionCount} actions, got one for {network.ObservationBytes} bytes and {network.ActionCount}.",
                nameof(network));
        }

        if (network.Architecture is not { } architecture)
            return;
        bool bytes = spec.ElementType == ElementType.Byte;
        if (architecture.Pixels != bytes || !IsLaidOutAlike(architecture.ObservationShape, spec.ObservationShape))
        {
            throw new ArgumentException(
                $"Expected a network for {spec.Name}'s observations, {Kind(bytes)} {Format(spec.ObservationShape)}, got one " +
                $"for {Kind(architecture.Pixels)} {Format(architecture.ObservationShape)}: as many bytes, but " +
                $"{(architecture.Pixels != bytes ? "other numbers" : "in another order")}. {Cure(architecture, spec)}",
                nameof(network));
        }
    }

    /// <summary>
    /// Throws where <see cref="DqnOptions.Network"/> or <see cref="DqnOptions.Architecture"/> were set to what the network
    /// is not: they would be ignored.
    /// </summary>
    /// <exception cref="ArgumentException">An option would be ignored: the message says which.</exception>
    public static void Require(IQNetwork network, DqnOptions options) => Require(
        network, options.Network, new DqnOptions().Network, options.Architecture, nameof(DqnOptions), nameof(DqnAgent));

    /// <summary>The same for <see cref="PqnOptions"/>.</summary>
    /// <exception cref="ArgumentException">An option would be ignored: the message says which.</exception>
    public static void Require(IQNetwork network, PqnOptions options) => Require(
        network, options.Network, new PqnOptions().Network, options.Architecture, nameof(PqnOptions), nameof(PqnAgent));

    private static void Require(
        IQNetwork network, QNetworkOptions options, QNetworkOptions defaults, ActionValueOptions wanted, string type,
        string agent)
    {
        if (options != defaults && options != network.Options)
        {
            throw Ignored(
                nameof(DqnOptions.Network), network.Options?.ToString() ?? $"a {network.GetType().Name} of its own options");
        }

        if (wanted.Distribution is not SingleValue && wanted.Distribution != network.Distribution)
            throw IgnoredLayer(nameof(ActionValueOptions.Distribution), network.Distribution.ToString());
        if (network.Architecture is not { Layers: var layers })
            return;
        if (wanted.Dueling && !Has<Dueling>(layers))
            throw IgnoredLayer(nameof(ActionValueOptions.Dueling), "no dueling streams");
        if (wanted.LayerNorm && !Has<LayerNorm>(layers))
            throw IgnoredLayer(nameof(ActionValueOptions.LayerNorm), "no layer normalisation");
        if (wanted.Noisy && !Has<NoisyLinear>(layers))
            throw IgnoredLayer(nameof(ActionValueOptions.Noisy), "no noisy layers");

        ArgumentException IgnoredLayer(string option, string got) =>
            Ignored($"{nameof(DqnOptions.Architecture)}.{option}", got);

        ArgumentException Ignored(string option, string got) => new(
            $"Expected {type}.{option} not to be set beside a network of one's own, or to be what that network has, which is " +
            $"{got}: it would be ignored. Give it to the network, or use {agent}.{nameof(DqnAgent.Create)}.", "options");
    }

    // A flat network reads numbers in whatever order they come; an axis of 1 moves none.
    private static bool IsLaidOutAlike(ImmutableArray<int> network, ImmutableArray<int> spec) =>
        network.Length == 1 || network.Where(axis => axis > 1).SequenceEqual(spec.Where(axis => axis > 1));

    private static string Cure(Sequential architecture, EnvironmentSpec spec)
    {
        if (architecture.Pixels != (spec.ElementType == ElementType.Byte))
        {
            return "Make the network with pixels: " +
                (spec.ElementType == ElementType.Byte ? "true for bytes." : "false for single-precision numbers.");
        }

        return spec.LayoutOrNull == ObservationLayout.ChannelsLast
            ? "Wrap the environment: .WithPixels() or new ChannelsFirst(environment) give channels first."
            : "Make the network for the environment's shape.";
    }

    private static bool Has<T>(ImmutableArray<Layer> layers)
        where T : Layer => layers.Any(layer => layer switch
        {
            T => true,
            Dueling dueling => Has<T>(dueling.Value) || Has<T>(dueling.Advantage),
            Residual residual => Has<T>(residual.Layers),
            _ => false,
        });

    private static string Kind(bool bytes) => bytes ? "bytes" : "single-precision numbers";

    private static string Format(ImmutableArray<int> shape) => $"[{string.Join(", ", shape)}]";
}
