using Dqn.Randomness;

namespace Dqn.Fuzz;

/// <summary>A reader, a valid file for it, and how that is damaged.</summary>
/// <param name="Name">For the report.</param>
/// <param name="File">The valid file.</param>
/// <param name="Damage">Makes another file of it.</param>
/// <param name="Read">The reader.</param>
/// <param name="Every">
/// In which rounds its turn comes: 1 for each. Files of a few hundred bytes reach the same code a hundred times as fast as
/// those of real networks, which come less often.
/// </param>
internal sealed record Target(
    string Name, byte[] File, Func<byte[], Pcg64, byte[]> Damage, Action<byte[]> Read, int Every = 1)
{
    /// <summary>All readers, with files of every form.</summary>
    public static IReadOnlyList<Target> All() =>
        [.. ModelFiles.All(), .. SmallModelFiles.All(), .. Pictures.All(), .. CheckpointParts.All(), .. Texts.All()];
}
