using System.Collections.Immutable;
using System.Net;

namespace Dqn.Training;

/// <summary>Where a <see cref="Dashboard"/> listens, and what it calls things.</summary>
public sealed record DashboardOptions
{
    /// <summary>
    /// The address to listen at. Default <see cref="IPAddress.Loopback"/>: this machine alone. At any other, whoever knows
    /// the token in <see cref="Dashboard.Url"/> can watch and stop the run; the connection is not encrypted.
    /// </summary>
    public IPAddress Address { get; init; } = IPAddress.Loopback;

    /// <summary>The port, 0 … 65,535. Default 0: a free one.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Out of that range.</exception>
    public int Port
    {
        get;
        init => field = value is >= 0 and <= 65_535 ? value
            : throw new ArgumentOutOfRangeException(nameof(Port), value, $"Port: expected 0 … 65535, got {value}.");
    }

    /// <summary>What the page calls the run. Default null: its folder's name.</summary>
    public string? Title { get; init; }

    /// <summary>What the actions are called, in their order: "left", "right". Default empty: their numbers.</summary>
    public ImmutableArray<string> ActionNames { get; init; } = [];

    /// <summary>A return that counts as solving the task, drawn as a line. Default null: none.</summary>
    public double? Solved { get; init; }

    /// <summary>Where the runs are that can be compared. Default null: beside the run's folder.</summary>
    public string? Runs { get; init; }
}
