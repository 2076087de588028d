using Dqn.Orleans.Messages;
using Dqn.Orleans.Replay;

namespace Dqn.Orleans.Learner;

/// <summary>
/// Who may insert how much, and what has been inserted: each segment once, whatever a network makes of its report. Safe for
/// concurrent use.
/// </summary>
/// <param name="limiter">Says when.</param>
internal sealed class InsertLedger(RateLimiter limiter)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Account> _accounts = [];

    /// <summary>How many transitions have been counted.</summary>
    public long Inserted { get; private set; }

    /// <summary>How many of one machine's have been counted.</summary>
    public long InsertedBy(string host)
    {
        Account account = Of(host);
        lock (_gate)
            return account.Inserted;
    }

    /// <summary>Waits for a permit.</summary>
    /// <returns>False: it was waited in vain.</returns>
    public async ValueTask<bool> ReserveAsync(
        string host, int transitions, TimeSpan wait, CancellationToken cancellationToken)
    {
        try
        {
            return await limiter.ReserveInsertAsync(Of(host).Key, transitions, wait, cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    /// <summary>Counts a report. A machine that was given up has no permit left; what it has inserted all the same counts.</summary>
    /// <returns>False where it has been counted before.</returns>
    public bool Insert(SegmentReport report)
    {
        Account account = Of(report.Host);
        lock (_gate)
        {
            if (report.Number <= account.Newest)
                return false;
            account.Newest = report.Number;
            account.Inserted += report.Actions.Length;
            Inserted += report.Actions.Length;
        }

        limiter.Inserted(account.Key, report.Actions.Length);
        return true;
    }

    /// <summary>A machine is gone: what it was permitted and has not inserted goes to others.</summary>
    public void Forget(string host) => limiter.GiveBack(Of(host).Key);

    private Account Of(string host)
    {
        lock (_gate)
        {
            if (!_accounts.TryGetValue(host, out Account? account))
                _accounts[host] = account = new Account { Key = _accounts.Count };
            return account;
        }
    }

    private sealed class Account
    {
        public required long Key { get; init; }

        public long Newest { get; set; } = -1;

        public long Inserted { get; set; }
    }
}
