using Dqn.Files;

namespace Dqn.Serialization;

/// <summary>Counts the tensors of a file as they come.</summary>
internal sealed class TensorCount(MemoryBudget budget)
{
    /// <summary>More than any network for Q-learning has.</summary>
    public const int Max = 100_000;

    /// <summary>The longest name, characters.</summary>
    public const int MaxNameLength = 4096;

    private int _count;

    /// <summary>Counts one with a name of at most so many characters.</summary>
    /// <exception cref="InvalidDataException">There are too many, the name is too long, or memory too small.</exception>
    public void Next(int nameLength)
    {
        if (++_count > Max)
            throw new InvalidDataException($"Expected at most {Max} tensors in a file, got more.");
        if (nameLength > MaxNameLength)
        {
            throw new InvalidDataException(
                $"Expected names of at most {MaxNameLength} characters, got one of {nameLength}.");
        }

        budget.Take((4 * MemoryBudget.Object) + (2 * MemoryBudget.Entry) + (2 * nameLength), "A tensor");
    }
}
