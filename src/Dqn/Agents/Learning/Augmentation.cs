using System.Collections.Immutable;
using Dqn.Environments;
using Dqn.Randomness;
using Dqn.Replay;

namespace Dqn.Agents;

/// <summary>
/// What is done to the observations of a batch before it is learnt from: mirrored (<see cref="RandomMirror"/>), then
/// shifted (<see cref="RandomShift"/>), each as the options say. It is drawn anew for each batch; who applies it to the
/// observations depends on where they are.
/// </summary>
public sealed class Augmentation
{
    private readonly int _padding;
    private readonly int[] _mirrorActions;
    private readonly bool[] _mirrored;
    private readonly int[] _shifts;
    private readonly int[] _nextShifts;

    private Augmentation(EnvironmentSpec spec, DqnOptions options)
    {
        ImmutableArray<int> shape = spec.ObservationShape;
        (Height, Width) = (shape[1], shape[2]);
        (_padding, _mirrorActions) = (options.RandomShift, [.. options.MirrorActions]);
        _mirrored = new bool[_mirrorActions.Length > 0 ? options.BatchSize : 0];
        _shifts = new int[_padding > 0 ? 2 * options.BatchSize : 0];
        _nextShifts = new int[_shifts.Length];
    }

    /// <summary>Rows of a frame.</summary>
    public int Height { get; }

    /// <summary>Columns of a frame.</summary>
    public int Width { get; }

    /// <summary>
    /// [batch]: whether the columns of both observations are to be reversed, before shifting. Empty: none are.
    /// </summary>
    public ReadOnlySpan<bool> Mirrored => _mirrored;

    /// <summary>
    /// [batch, 2]: rows and columns by which the observations are to be shifted: the pixel at (y, x) becomes that at
    /// (y + rows, x + columns), or the nearest one where there is none. Empty: none are.
    /// </summary>
    public ReadOnlySpan<int> Shifts => _shifts;

    /// <summary>Likewise of the next observations.</summary>
    public ReadOnlySpan<int> NextShifts => _nextShifts;

    /// <summary>What the options ask for; null if nothing.</summary>
    /// <exception cref="ArgumentException">The observations or actions cannot be augmented so.</exception>
    internal static Augmentation? Create(EnvironmentSpec spec, DqnOptions options)
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
    /// Draws for the next batch: which items are mirrored, then the observations' shifts, then those of the next
    /// observations.
    /// </summary>
    internal void Draw(Pcg64 random)
    {
        RandomMirror.Draw(random, _mirrored);
        RandomShift.Draw(random, _padding, _shifts);
        RandomShift.Draw(random, _padding, _nextShifts);
    }

    /// <summary>Exchanges the actions of the items that are mirrored, and which of them are legal, in place.</summary>
    internal void ApplyToActions(TransitionBatch batch)
    {
        if (_mirrored.Length == 0)
            return;
        RandomMirror.Actions(_mirrored, _mirrorActions, batch.Actions);
        RandomMirror.LegalActions(_mirrored, _mirrorActions, batch.LegalActions);
        RandomMirror.LegalActions(_mirrored, _mirrorActions, batch.NextLegalActions);
    }

    /// <summary>Changes a batch's observations and next observations in place.</summary>
    internal void ApplyToObservations(TransitionBatch batch)
    {
        if (_mirrored.Length > 0)
        {
            RandomMirror.Observations(_mirrored, Width, batch.Observations);
            RandomMirror.Observations(_mirrored, Width, batch.NextObservations);
        }

        if (_padding > 0)
        {
            Shift(batch.Observations, _shifts);
            Shift(batch.NextObservations, _nextShifts);
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

    private void Shift(Span<byte> observations, ReadOnlySpan<int> shifts)
    {
        int bytes = observations.Length / (shifts.Length / 2);
        for (int i = 0; i < shifts.Length; i += 2)
        {
            Span<byte> stack = observations.Slice(i / 2 * bytes, bytes);
            RandomShift.Stack(stack, Height, Width, shifts.Slice(i, 2), stack);
        }
    }
}
