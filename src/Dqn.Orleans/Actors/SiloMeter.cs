using System.Diagnostics.Metrics;
using Dqn.Orleans.Shards;

namespace Dqn.Orleans.Actors;

/// <summary>
/// The meter <c>Dqn.Orleans</c> of a silo, for <c>dotnet-counters</c> or OpenTelemetry: what its actors have done and what its
/// shard holds. The tag <c>silo</c> tells one from another in the same process.
/// </summary>
internal sealed class SiloMeter : IDisposable
{
    private readonly Meter _meter;

    /// <summary>Makes it.</summary>
    /// <param name="host">The silo.</param>
    /// <param name="actors">What it counts.</param>
    /// <param name="shard">What it measures.</param>
    /// <param name="lag">How many versions its weights are behind.</param>
    public SiloMeter(string host, DqnActors actors, ReplayShard shard, Func<long> lag)
    {
        _meter = new Meter("Dqn.Orleans", version: null, [new("silo", host)]);
        _meter.CreateObservableCounter("dqn.actor.steps", () => actors.Steps, "{step}", "Steps that the silo's environments made.");
        _meter.CreateObservableCounter(
            "dqn.actor.finished", () => actors.Finished, "{transition}", "Transitions finished for a shard to take.");
        _meter.CreateObservableCounter(
            "dqn.actor.inserted", () => actors.Inserted, "{transition}", "Of those, taken by a shard.");
        _meter.CreateObservableUpDownCounter(
            "dqn.actor.environments", () => actors.Environments, "{environment}", "Environments that the silo runs.");
        _meter.CreateObservableGauge("dqn.actor.weights_lag", lag, "{version}", "Versions that its weights are behind.");
        _meter.CreateObservableGauge(
            "dqn.shard.transitions", () => shard.Fill.Count, "{transition}", "Transitions in the silo's shard.");
        _meter.CreateObservableGauge("dqn.shard.bytes", () => shard.Fill.Bytes, "By", "Memory that they take.");
    }

    /// <inheritdoc/>
    public void Dispose() => _meter.Dispose();
}
