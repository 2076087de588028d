using System.Threading.Channels;
using Dqn.Agents;
using Dqn.Environments;
using Microsoft.Extensions.Logging;

namespace Dqn.Orleans.Actors;

/// <summary>What a silo's actors work with.</summary>
internal sealed record ActorWork
{
    /// <summary>Makes the task.</summary>
    public required Func<IEnvironment> Create { get; init; }

    /// <summary>How to act.</summary>
    public required DqnOptions Options { get; init; }

    /// <summary>How many threads step.</summary>
    public required int Threads { get; init; }

    /// <summary>The run's seed.</summary>
    public required ulong Seed { get; init; }

    /// <summary>The newest weights.</summary>
    public required ActorWeights Weights { get; init; }

    /// <summary>How many steps the training has made, as far as it is known here.</summary>
    public required Func<long> Steps { get; init; }

    /// <summary>Where finished segments go; full where they are not taken.</summary>
    public required ChannelWriter<FinishedSegment> Outbox { get; init; }

    /// <summary>Counts.</summary>
    public required DqnActors Actors { get; init; }

    /// <summary>Is told where an environment fails.</summary>
    public required ILogger Logger { get; init; }

    /// <summary>The silo ends.</summary>
    public required CancellationToken Stopping { get; init; }

    /// <summary>To be called when the actors have stopped.</summary>
    public required Action Wake { get; init; }
}
