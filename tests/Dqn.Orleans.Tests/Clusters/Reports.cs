using Dqn.Orleans.Messages;

namespace Dqn.Tests.Clusters;

/// <summary>Reports made up for a test.</summary>
internal static class Reports
{
    public static HostReport With(this HostReport report, string host, string version) => new()
    {
        Host = host,
        Share = report.Share,
        KeepsReplay = report.KeepsReplay,
        Version = version,
        Environment = report.Environment,
        Epoch = report.Epoch,
        Environments = [],
        WeightsVersion = 0,
        Steps = 0,
        Finished = 0,
        Inserted = 0,
        ShardCount = 0,
        ShardCapacity = 0,
        ShardBytes = 0,
    };

    public static HostReport Of(string host, int share, bool keepsReplay = true, long steps = 0) => new()
    {
        Host = host,
        Share = share,
        KeepsReplay = keepsReplay,
        Version = "",
        Environment = "",
        Epoch = default,
        Environments = [],
        WeightsVersion = 0,
        Steps = steps,
        Finished = 0,
        Inserted = 0,
        ShardCount = 0,
        ShardCapacity = 0,
        ShardBytes = 0,
    };
}
