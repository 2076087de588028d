using Dqn.Orleans.Messages;

namespace Dqn.Orleans.Learner;

/// <summary>
/// Who plays which of a run's environments: spread over the machines that report, in proportion to how many each wants, and
/// moved as little as possible when one comes or goes. A machine gets more than it wants only where environments have been
/// without a machine for a while: so they start elsewhere when one dies, but not while others are still starting.
/// </summary>
/// <param name="environments">How many there are.</param>
/// <param name="silence">After how long without a report a machine is given up.</param>
/// <param name="takeover">After how long others take over what no machine has room for.</param>
/// <param name="time">The clock.</param>
internal sealed class ActorBoard(int environments, TimeSpan silence, TimeSpan takeover, TimeProvider time)
{
    private readonly Dictionary<string, Entry> _hosts = [];
    private long _changed = time.GetTimestamp();
    private bool _overloads;

    /// <summary>The machines' last reports.</summary>
    public IEnumerable<HostReport> Reports => _hosts.Values.Select(entry => entry.Report);

    /// <summary>How many environments are played somewhere.</summary>
    public int Assigned => _hosts.Values.Sum(entry => entry.Environments.Count);

    /// <summary>A machine's steps per second.</summary>
    public double Pace(string host) => _hosts.TryGetValue(host, out Entry? entry) ? entry.Pace : 0;

    /// <summary>Takes in a report.</summary>
    /// <returns>Whether the machine is new.</returns>
    public bool Report(HostReport report)
    {
        bool isNew = !_hosts.TryGetValue(report.Host, out Entry? entry);
        if (isNew)
            _hosts[report.Host] = entry = new Entry { Report = report };
        bool changed = isNew || entry!.Report.Share != report.Share;
        entry!.Take(report, time);
        if (changed)
            Changed();
        else if (!_overloads && Assigned < environments && time.GetElapsedTime(_changed) >= takeover)
            Spread(overloads: true);
        return isNew;
    }

    /// <summary>The numbers of a machine's environments, ascending.</summary>
    public int[] Of(string host) => _hosts.TryGetValue(host, out Entry? entry) ? [.. entry.Environments] : [];

    /// <summary>
    /// Which machine's shard takes what a machine lives through: its own if it has one, else the one with the least to take,
    /// empty where there is none.
    /// </summary>
    public string ShardOf(string host) => Shards().GetValueOrDefault(host, "");

    /// <summary>How many environments' transitions a machine's shard takes.</summary>
    public int Load(string host) => Shards().Where(pair => pair.Value == host).Sum(pair => Of(pair.Key).Length);

    /// <summary>A machine is gone.</summary>
    /// <returns>Whether it was known.</returns>
    public bool Remove(string host)
    {
        bool known = _hosts.Remove(host);
        if (known)
            Changed();
        return known;
    }

    /// <summary>Gives up the machines that have been silent for too long.</summary>
    /// <returns>Which.</returns>
    public IReadOnlyList<string> RemoveSilent()
    {
        List<string> silent =
            [.. _hosts.Where(host => time.GetElapsedTime(host.Value.Seen) >= silence).Select(host => host.Key)];
        foreach (string host in silent)
            Remove(host);
        return silent;
    }

    private Dictionary<string, string> Shards()
    {
        Entry[] hosts = [.. _hosts.Values.OrderBy(entry => entry.Report.Host, StringComparer.Ordinal)];
        Dictionary<string, int> loads = hosts.Where(entry => entry.Report.KeepsReplay)
            .ToDictionary(entry => entry.Report.Host, entry => entry.Environments.Count);
        var shards = loads.Keys.ToDictionary(host => host, host => host);
        if (loads.Count == 0)
            return shards;
        foreach (Entry sender in hosts.Where(entry => !entry.Report.KeepsReplay))
        {
            string least = loads.MinBy(pair => (pair.Value, pair.Key)).Key;
            shards[sender.Report.Host] = least;
            loads[least] += sender.Environments.Count;
        }

        return shards;
    }

    private void Changed()
    {
        _changed = time.GetTimestamp();
        Spread(overloads: _overloads && _hosts.Values.Sum(entry => entry.Report.Share) < environments && Assigned == environments);
    }

    private void Spread(bool overloads)
    {
        _overloads = overloads;
        Entry[] hosts = [.. _hosts.Values.OrderBy(entry => entry.Report.Host, StringComparer.Ordinal)];
        int[] targets = Targets([.. hosts.Select(entry => entry.Report.Share)], overloads);
        var free = new SortedSet<int>(Enumerable.Range(0, environments));
        for (int i = 0; i < hosts.Length; i++)
        {
            while (hosts[i].Environments.Count > targets[i])
                hosts[i].Environments.Remove(hosts[i].Environments.Max);
            free.ExceptWith(hosts[i].Environments);
        }

        for (int i = 0; i < hosts.Length; i++)
        {
            while (hosts[i].Environments.Count < targets[i])
            {
                hosts[i].Environments.Add(free.Min);
                free.Remove(free.Min);
            }
        }
    }

    /// <summary>How many each gets: in proportion to the shares, what is left over to the largest remainders.</summary>
    private int[] Targets(int[] shares, bool overloads)
    {
        long total = shares.Sum(share => (long)share);
        int wanted = overloads ? environments : (int)Math.Min(environments, total);
        if (total == 0)
            return new int[shares.Length];
        int[] targets = [.. shares.Select(share => (int)(wanted * (long)share / total))];
        int left = wanted - targets.Sum();
        foreach (int i in Enumerable.Range(0, shares.Length).OrderByDescending(i => wanted * (long)shares[i] % total).Take(left))
            targets[i]++;
        return targets;
    }

    private sealed class Entry
    {
        public required HostReport Report { get; set; }

        public long Seen { get; private set; }

        /// <summary>Steps per second between the last two reports that lie half a second apart or more.</summary>
        public double Pace { get; private set; }

        private (long Steps, long Time) _measured;

        public void Take(HostReport report, TimeProvider time)
        {
            (Report, Seen) = (report, time.GetTimestamp());
            double seconds = _measured.Time == 0 ? 0 : time.GetElapsedTime(_measured.Time, Seen).TotalSeconds;
            if (_measured.Time != 0 && seconds < 0.5)
                return;
            Pace = seconds > 0 ? (report.Steps - _measured.Steps) / seconds : 0;
            _measured = (report.Steps, Seen);
        }

        public SortedSet<int> Environments { get; } = [];
    }
}
