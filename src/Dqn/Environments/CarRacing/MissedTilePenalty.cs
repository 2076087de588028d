namespace Dqn.Environments.CarRacing;

/// <summary>
/// CarRacing with a price on tiles driven past. Officially one missed tile costs its own 1000 / tiles and, as the lap
/// then does not end, 0.1 for each frame left: about 15 that come hundreds of steps later, where a discounted return
/// no longer counts them, so that cutting corners seems to pay. This wrapper takes the price at once. For training
/// only: <see cref="EpisodeStatistics"/> below it still reports the official return.
/// </summary>
public sealed class MissedTilePenalty : EnvironmentWrapper
{
    private readonly CarRacingEnvironment _racing;
    private int _missed;

    /// <summary>Puts a price on missed tiles.</summary>
    /// <param name="inner">
    /// The environment to wrap, a <see cref="CarRacingEnvironment"/> inside. A <see cref="RewardTimeout"/> belongs
    /// below, where the price does not hide a tile's reward from it.
    /// </param>
    /// <param name="penalty">
    /// What is taken off the reward for each tile more in <see cref="CarRacingEnvironment.TilesMissed"/>, at least 0.
    /// </param>
    /// <exception cref="ArgumentException">There is no <see cref="CarRacingEnvironment"/> inside.</exception>
    public MissedTilePenalty(IEnvironment inner, double penalty)
        : base(inner)
    {
        _racing = inner.Find<CarRacingEnvironment>() ?? throw new ArgumentException(
            $"Expected an environment around {nameof(CarRacingEnvironment)}, got {inner.Spec.Name}.", nameof(inner));
        if (!(penalty >= 0 && double.IsFinite(penalty)))
            throw new ArgumentOutOfRangeException(nameof(penalty), penalty, $"Expected a penalty of at least 0, got {penalty}.");
        Penalty = penalty;
    }

    /// <summary>What is taken off the reward for each missed tile.</summary>
    public double Penalty { get; }

    /// <inheritdoc/>
    public override void Reset(ulong? seed = null)
    {
        Inner.Reset(seed);
        _missed = _racing.TilesMissed;
    }

    /// <inheritdoc/>
    public override StepResult Step(int action)
    {
        var result = Inner.Step(action);

        // A tile that the car comes back to is not missed any more; to miss it again costs nothing.
        int more = Math.Max(_racing.TilesMissed - _missed, 0);
        _missed += more;
        return more == 0 ? result : result with { Reward = result.Reward - (Penalty * more) };
    }

    /// <inheritdoc/>
    public override void SaveState(BinaryWriter writer)
    {
        StateMarker.Write(writer, "MISS"u8);
        writer.Write(_missed);
        Inner.SaveState(writer);
    }

    /// <inheritdoc/>
    public override void LoadState(BinaryReader reader)
    {
        StateMarker.Expect(reader, "MISS"u8);
        int missed = reader.ReadInt32();
        Inner.LoadState(reader);
        if (missed < 0 || missed < _racing.TilesMissed)
            throw new InvalidDataException($"Missed tiles: expected at least {_racing.TilesMissed}, got {missed}.");
        _missed = missed;
    }
}
