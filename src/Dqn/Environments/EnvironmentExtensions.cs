using System.Collections.Immutable;

namespace Dqn.Environments;

/// <summary>Wrappers one after another, innermost first: <c>environment.WithTimeLimit().WithFrameSkip()</c>.</summary>
public static class EnvironmentExtensions
{
    /// <inheritdoc cref="TimeLimit(IEnvironment, int)"/>
    public static TimeLimit WithTimeLimit(this IEnvironment inner, int frames = 1000) => new(inner, frames);

    /// <inheritdoc cref="EpisodeStatistics(IEnvironment)"/>
    public static EpisodeStatistics WithStatistics(this IEnvironment inner) => new(inner);

    /// <inheritdoc cref="NoOpStart(IEnvironment, int, int)"/>
    public static NoOpStart WithNoOpStart(this IEnvironment inner, int steps = 50, int action = 0) =>
        new(inner, steps, action);

    /// <inheritdoc cref="FrameSkip(IEnvironment, int)"/>
    public static FrameSkip WithFrameSkip(this IEnvironment inner, int frames = 4) => new(inner, frames);

    /// <inheritdoc cref="StickyActions(IEnvironment, double)"/>
    public static StickyActions WithStickyActions(this IEnvironment inner, double probability = 0.25) =>
        new(inner, probability);

    /// <inheritdoc cref="RewardTimeout(IEnvironment, int, bool)"/>
    public static RewardTimeout WithRewardTimeout(this IEnvironment inner, int steps, bool terminates = false) =>
        new(inner, steps, terminates);

    /// <inheritdoc cref="SetbackStart(IEnvironment, double, double)"/>
    public static SetbackStart WithSetbackStart(this IEnvironment inner, double part = 0.5, double reward = -5) =>
        new(inner, part, reward);

    /// <inheritdoc cref="GreyCrop(IEnvironment, int, int, int, int)"/>
    public static GreyCrop WithGreyCrop(
        this IEnvironment inner, int top = 0, int left = 6, int height = 84, int width = 84) =>
        new(inner, top, left, height, width);

    /// <inheritdoc cref="ToneCurve(IEnvironment, ImmutableArray{ValueTuple{int, int}})"/>
    public static ToneCurve WithToneCurve(this IEnvironment inner, params ImmutableArray<(int From, int To)> points) =>
        new(inner, points);

    /// <inheritdoc cref="Downscale(IEnvironment, int)"/>
    public static Downscale WithDownscale(this IEnvironment inner, int factor = 2) => new(inner, factor);

    /// <inheritdoc cref="ChannelsFirst(IEnvironment)"/>
    public static ChannelsFirst WithChannelsFirst(this IEnvironment inner) => new(inner);

    /// <inheritdoc cref="Resize(IEnvironment, int, int)"/>
    public static Resize WithResize(this IEnvironment inner, int height, int width) => new(inner, height, width);

    /// <inheritdoc cref="Normalize(IEnvironment, Normalization)"/>
    public static Normalize WithNormalization(this IEnvironment inner, Normalization normalization) =>
        new(inner, normalization);

    /// <summary>
    /// Makes pictures of any layout trainable: grey or in colour, of the size wanted, the last few stacked to
    /// [channels, <paramref name="height"/>, <paramref name="width"/>].
    /// </summary>
    /// <param name="inner">
    /// The environment to wrap; its observations are bytes, [height, width], [height, width, 3] or [channels, height, width].
    /// </param>
    /// <param name="height">Rows of the new pictures, 1 … 4096; 84 is usual, 42 four times as fast.</param>
    /// <param name="width">Columns of the new pictures, 1 … 4096.</param>
    /// <param name="grey">Whether [height, width, 3] becomes grey, a third of the work; else the colours stay.</param>
    /// <param name="stack">How many of the last pictures are shown, at least 1; one alone does not show what moves.</param>
    /// <exception cref="ArgumentException">The observations are no such pictures.</exception>
    public static FrameStack WithPixels(
        this IEnvironment inner, int height = 84, int width = 84, bool grey = true, int stack = 4)
    {
        ArgumentNullException.ThrowIfNull(inner);
        EnvironmentSpec spec = inner.Spec;
        IEnvironment picture = (spec.Layout, spec.ObservationShape) switch
        {
            (ObservationLayout.ChannelsLast, [int rows, int columns, 3]) when grey =>
                inner.WithGreyCrop(0, 0, rows, columns),
            (ObservationLayout.ChannelsLast, _) => inner.WithChannelsFirst(),
            _ => inner,
        };
        if (picture.Spec.ObservationShape is not [.., int currentHeight, int currentWidth]
            || (currentHeight, currentWidth) != (height, width))
            picture = picture.WithResize(height, width);
        return picture.WithFrameStack(stack);
    }

    /// <inheritdoc cref="FrameStack(IEnvironment, int)"/>
    public static FrameStack WithFrameStack(this IEnvironment inner, int frames = 4) => new(inner, frames);

    /// <summary>Whether an action is legal now.</summary>
    /// <param name="environment">Asked only where its spec has illegal actions.</param>
    /// <param name="action">Which, one that exists.</param>
    /// <param name="legalActions">Room for the mask, [<see cref="EnvironmentSpec.MaskedActions"/>].</param>
    internal static bool IsLegal(this IEnvironment environment, int action, bool[] legalActions)
    {
        if (legalActions.Length == 0)
            return true;
        environment.LegalActions(legalActions);
        return legalActions[action];
    }

    /// <summary>
    /// The outermost <typeparamref name="T"/> among the environment and those it wraps; null without one.
    /// </summary>
    public static T? Find<T>(this IEnvironment environment)
        where T : class
    {
        ArgumentNullException.ThrowIfNull(environment);
        for (var current = environment; ; current = ((EnvironmentWrapper)current).Inner)
        {
            if (current is T found)
                return found;
            if (current is not EnvironmentWrapper)
                return null;
        }
    }
}
