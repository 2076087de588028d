using Dqn.Orleans.Messages;
using Dqn.Orleans.Replay;

namespace Dqn.Orleans.Learner;

/// <summary>
/// Who may insert how much, and what has been inserted: each segment once, whatever a network makes of its report, and a permit
/// of a machine that died goes back. Safe for concurrent use.
/// </summary>
/// <param name="limiter">Says when.</param>
internal sealed class InsertLedger(RateLimiter limiter)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Account> _accounts = [];

    /// <summary>How many transitions have been counted.</summary>
    public long Inserted { get; private set; }

    /// <summary>Waits for a permit.</summary>
    /// <returns>False: it was waited in vain.</returns>
    public async ValueTask<bool> ReserveAsync(
        string host, int transitions, TimeSpan wait, CancellationToken cancellationToken)
    {
        try
        {
            if (!await limiter.ReserveInsertAsync(transitions, wait, cancellationToken).ConfigureAwait(false))
                return false;
        }
        catch (OperationCanceledException)
        {
            return false;
        }

        lock (_gate)
            Of(host).Permitted += transitions;
        return true;
    }

    /// <summary>Counts a report.</summary>
    /// <returns>False where it has been counted before.</returns>
    public bool Insert(SegmentReport report)
    {
        int transitions = report.Actions.Length, permitted;
        lock (_gate)
        {
            Account account = Of(report.Host);
            if (report.Number <= account.Newest)
                return false;
            account.Newest = report.Number;
            permitted = (int)Math.Min(account.Permitted, transitions);
            account.Permitted -= permitted;
            Inserted += transitions;
        }

        // A machine that was given up has no permit left; what it has inserted all the same counts.
        limiter.Inserted(permitted);
        if (permitted < transitions)
            limiter.InsertedUnasked(transitions - permitted);
        return true;
    }

    /// <summary>A machine is gone: what it may still insert goes back.</summary>
    public void Forget(string host)
    {
        long permitted;
        lock (_gate)
        {
            if (!_accounts.TryGetValue(host, out Account? account))
                return;
            (permitted, account.Permitted) = (account.Permitted, 0);
        }

        limiter.GiveBack((int)permitted);
    }

    private Account Of(string host)
    {
        if (!_accounts.TryGetValue(host, out Account? account))
            _accounts[host] = account = new Account();
        return account;
    }

    private sealed class Account
    {
        public long Permitted { get; set; }

        public long Newest { get; set; } = -1;
    }
}
