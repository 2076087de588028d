namespace Dqn.Serialization;

/// <summary>
/// How much memory a file's tensors may take: 16 times its length plus one MiB. Honest files stay far below; a few
/// bytes that describe gigabytes (compressed zeros, a view that repeats one element) do not.
/// </summary>
internal sealed class MemoryBudget(long fileLength)
{
    private const int Factor = 16;
    private const int Allowance = 1 << 20;
    private Int128 _left = ((Int128)fileLength * Factor) + Allowance;

    /// <summary>Counts bytes that are about to be allocated.</summary>
    /// <exception cref="InvalidDataException">The budget does not suffice, or an array cannot be as long.</exception>
    public void Take(long bytes, string what)
    {
        if (bytes < 0 || bytes > _left || bytes > Array.MaxLength)
        {
            throw new InvalidDataException(
                $"{what} would take {bytes} bytes: a file of {fileLength} bytes may take at most {Factor} times its " +
                $"length plus {Allowance} in memory, and one tensor {Array.MaxLength}.");
        }

        _left -= bytes;
    }
}
