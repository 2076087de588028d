using System.Collections.Immutable;
using Dqn.Environments;
using Dqn.Randomness;
using Dqn.Replay;

namespace Dqn.Agents;

/// <summary>
/// What is done to the observations of a batch before it is learnt from: mirrored (<see cref="RandomMirror"/>), then
/// shifted (<see cref="RandomShift"/>), each as the options say.
/// </summary>
internal sealed class Augmentation
{
    private readonly int _frames, _height, _width, _padding;
    private readonly int[] _mirrorActions;
    private readonly bool[] _mirrored;

    private Augmentation(EnvironmentSpec spec, DqnOptions options)
    {
        ImmutableArray<int> shape = spec.ObservationShape;
        (_frames, _height, _width) = (shape[0], shape[1], shape[2]);
        (_padding, _mirrorActions) = (options.RandomShift, [.. options.MirrorActions]);
        _mirrored = new bool[options.BatchSize];
    }

    /// <summary>What the options ask for; null if nothing.</summary>
    /// <exception cref="ArgumentException">The observations or actions cannot be augmented so.</exception>
    public static Augmentation? Create(EnvironmentSpec spec, DqnOptions options)
    {
        if (options.RandomShift == 0 && options.MirrorActions.IsEmpty)
            return null;
        if (spec is not { ElementType: ElementType.Byte, ObservationShape: [_, var height, var width] })
        {
            throw new ArgumentException(
                $"Expected stacked grey frames [stack, height, width] to augment, got {spec.Name}'s " +
                $"{spec.ElementType} [{string.Join(", ", spec.ObservationShape)}].", nameof(spec));
        }

        if (options.RandomShift >= Math.Min(height, width))
        {
            throw new ArgumentException(
                $"{nameof(DqnOptions.RandomShift)}: expected less than a frame's {height} × {width} pixels, got " +
                $"{options.RandomShift}.", nameof(options));
        }

        if (!options.MirrorActions.IsEmpty && !ArePairs(options.MirrorActions, spec.ActionCount))
        {
            throw new ArgumentException(
                $"{nameof(DqnOptions.MirrorActions)}: expected pairs of {spec.Name}'s {spec.ActionCount} actions, " +
                $"got [{string.Join(", ", options.MirrorActions)}].", nameof(options));
        }

        return new Augmentation(spec, options);
    }

    /// <summary>
    /// Changes a batch's observations, next observations and actions in place. Draws first which items are mirrored,
    /// then the observations' shifts, then those of the next observations.
    /// </summary>
    public void Apply(TransitionBatch batch, Pcg64 random)
    {
        if (_mirrorActions.Length > 0)
        {
            RandomMirror.Draw(random, _mirrored);
            RandomMirror.Observations(_mirrored, _width, batch.Observations);
            RandomMirror.Observations(_mirrored, _width, batch.NextObservations);
            RandomMirror.Actions(_mirrored, _mirrorActions, batch.Actions);
        }

        if (_padding > 0)
        {
            Shift(batch.Observations, random);
            Shift(batch.NextObservations, random);
        }
    }

    private static bool ArePairs(ImmutableArray<int> mirrors, int actions)
    {
        if (mirrors.Length != actions)
            return false;
        for (int action = 0; action < actions; action++)
            if ((uint)mirrors[action] >= (uint)actions || mirrors[mirrors[action]] != action)
                return false;
        return true;
    }

    private void Shift(Span<byte> observations, Pcg64 random) =>
        RandomShift.Apply(observations, _frames, _height, _width, _padding, random, observations);
}
