using Dqn.Environments;

namespace Dqn.CarRacing.Native;

/// <summary>
/// Several CarRacings that are stepped by one call; one is a fleet of one. What the native interface holds by a handle.
/// </summary>
internal sealed class CarRacingFleet : IDisposable
{
    private readonly DrivenCar[] _cars;
    private readonly VectorEnvironment _environments;
    private readonly StepResult[] _results;
    private readonly bool[] _mask;
    private readonly int[] _noActions;

    /// <summary>Makes the cars.</summary>
    /// <param name="options">What they are.</param>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    public CarRacingFleet(FleetOptions options)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Count, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.FrameSkip, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(options.MaxSteps);
        Count = options.Count;
        _cars = new DrivenCar[Count];
        _environments = new VectorEnvironment(
            Count, index => _cars[index] = new DrivenCar(options),
            options.Autoreset == 0 ? AutoresetMode.Disabled : AutoresetMode.NextStep, options.Threads);
        (_results, _mask, _noActions) = (new StepResult[Count], new bool[Count], new int[Count]);
    }

    /// <summary>How many cars there are.</summary>
    public int Count { get; }

    /// <summary>The bytes of all observations, [count, 96, 96, 3].</summary>
    public int ObservationBytes => _environments.ObservationBytes;

    /// <summary>Begins an episode in the cars whose number is in the mask, each from its seed where it has one.</summary>
    /// <param name="mask">[count], not 0: begin; null: all begin.</param>
    /// <param name="seeds">[count]; null: none has one.</param>
    /// <param name="hasSeed">[count], not 0: the seed counts; null: all count.</param>
    /// <param name="randomizeColors">Whether new colours are drawn where the options randomize them.</param>
    public unsafe void Reset(byte* mask, ulong* seeds, byte* hasSeed, bool randomizeColors)
    {
        bool all = true, together = seeds == null;
        for (int i = 0; i < Count; i++)
        {
            _mask[i] = mask == null || mask[i] != 0;
            all &= _mask[i];
            _cars[i].RandomizesColors = randomizeColors;
        }

        if (seeds != null && all)
        {
            together = true;
            for (int i = 0; i < Count; i++)
                together &= (hasSeed == null || hasSeed[i] != 0) && seeds[i] == unchecked(seeds[0] + (ulong)i);
        }

        if (together)
        {
            // The vector adds a car's number to the seed: side by side on all threads.
            if (all)
                _environments.Reset(seeds == null ? null : seeds[0]);
            else
                _environments.Reset(_mask);
            return;
        }

        bool[] one = new bool[Count];
        for (int i = 0; i < Count; i++)
        {
            if (!_mask[i])
                continue;
            one[i] = true;
            bool seeded = seeds != null && (hasSeed == null || hasSeed[i] != 0);
            _environments.Reset(one, seeded ? unchecked(seeds![i] - (ulong)i) : null);
            one[i] = false;
        }
    }

    /// <summary>Steps every car once, and shows what is seen then if that is wanted.</summary>
    /// <param name="actions">[count], each from 0 to one less than there are; null: controls.</param>
    /// <param name="controls">[count, 3], steer, gas and brake; null: actions. All are checked before a car moves.</param>
    /// <param name="outcomes">Destination, [count].</param>
    /// <param name="observations">Destination, [count, 96, 96, 3]; null: nothing is drawn.</param>
    public unsafe void Step(int* actions, double* controls, Outcome* outcomes, byte* observations)
    {
        for (int i = 0; i < Count && controls != null; i++)
            ControlsOf(controls, i).Validate(); // Before any car has moved.
        for (int i = 0; i < Count; i++)
        {
            _cars[i].Controls = controls == null ? null : ControlsOf(controls, i);
            _cars[i].Outcome = default;
        }

        ReadOnlySpan<int> chosen = actions == null ? _noActions : new ReadOnlySpan<int>(actions, Count);
        if (observations == null)
            _environments.Step(chosen, _results);
        else
            _environments.Step(chosen, _results, new Span<byte>(observations, ObservationBytes));
        for (int i = 0; i < Count; i++)
            outcomes[i] = _cars[i].Outcome;
    }

    /// <summary>Writes what every car sees, [count, 96, 96, 3].</summary>
    public void Observe(Span<byte> observations) => _environments.Observe(observations);

    /// <summary>Draws one car's large picture, [400, 600, 3].</summary>
    public void Render(int index, Span<byte> rgb) => Car(index).Task.Render(rgb);

    /// <summary>One car.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is none of that number.</exception>
    public DrivenCar Car(int index) => (uint)index < (uint)Count
        ? _cars[index]
        : throw new ArgumentOutOfRangeException(nameof(index), index, $"Expected an environment 0 … {Count - 1}.");

    private static unsafe CarControls ControlsOf(double* controls, int index) =>
        new(controls[3 * index], controls[3 * index + 1], controls[3 * index + 2]);

    /// <inheritdoc/>
    public void Dispose() => _environments.Dispose();
}
