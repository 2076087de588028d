namespace Dqn.Orleans.Replay;

/// <summary>
/// The learner's numbers of transitions: a shard's slot in the high bits, the shard's own number in the low 48. A slot is given
/// to each shard that is attached, and again only when all others have been given.
/// </summary>
internal static class TransitionIds
{
    /// <summary>How many slots there are.</summary>
    public const int Slots = 1 << 15;

    private const int ShardBits = 48;

    /// <summary>The learner's number.</summary>
    public static long Of(int slot, long id) => ((long)slot << ShardBits) | id;

    /// <summary>Whose transition it is.</summary>
    public static int Slot(long id) => (int)(id >> ShardBits);

    /// <summary>The shard's own number.</summary>
    public static long AtShard(long id) => id & ((1L << ShardBits) - 1);
}
