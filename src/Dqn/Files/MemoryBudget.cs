namespace Dqn.Files;

/// <summary>
/// How much a file may make us allocate, all in all: <see cref="Factor"/> times its length plus
/// <see cref="Allowance"/> bytes; with what is not worth counting, less than 64 MiB. Everything counts: what is read,
/// every value of a pickle, names, tensors, the network that is made of them and what its first evaluation needs. Honest files stay far below; a few bytes that
/// describe gigabytes (compressed zeros, a view that repeats one element, a million names) do not.
/// </summary>
internal sealed class MemoryBudget(long fileLength)
{
    public const int Factor = 10;

    public const int Allowance = 60 << 20;

    /// <summary>What a small object costs with the place that refers to it.</summary>
    public const int Object = 64;

    /// <summary>What an entry of a growing dictionary costs, the smaller tables before included.</summary>
    public const int Entry = 128;

    private Int128 _left = ((Int128)fileLength * Factor) + Allowance;

    /// <summary>Counts bytes that are about to be allocated.</summary>
    /// <param name="bytes">How many.</param>
    /// <param name="what">What they are for, for the message.</param>
    /// <param name="name">Its name in the file, if it has one.</param>
    /// <exception cref="InvalidDataException">The budget does not suffice.</exception>
    public void Take(Int128 bytes, string what, string? name = null)
    {
        if (bytes < 0 || bytes > _left)
        {
            throw new InvalidDataException(
                $"{FileText.Named(what, name)} would take {bytes} bytes: a file of {fileLength} bytes may take at most {Factor} times its " +
                $"length plus {Allowance} in memory, of which {_left} are left.");
        }

        _left -= bytes;
    }

    /// <summary>Counts an array that is about to be allocated.</summary>
    /// <exception cref="InvalidDataException">The budget does not suffice, or an array cannot be as long.</exception>
    public int TakeArray(Int128 bytes, string what, string? name = null)
    {
        if (bytes > Array.MaxLength)
        {
            throw new InvalidDataException(
                $"{FileText.Named(what, name)} has {bytes} bytes, more than one array holds: {Array.MaxLength}.");
        }

        Take(bytes, what, name);
        return (int)bytes;
    }
}
