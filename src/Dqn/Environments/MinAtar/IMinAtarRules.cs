using System.Collections.Immutable;
using Dqn.Randomness;

namespace Dqn.Environments;

/// <summary>The rules of one game; what the games share is <see cref="MinAtarEnvironment"/>'s.</summary>
internal interface IMinAtarRules
{
    /// <summary>How many channels its picture has, 1 … 16.</summary>
    int Channels { get; }

    /// <summary>The moves that do something.</summary>
    ImmutableArray<MinAtarMove> MinimalMoves { get; }

    /// <summary>Begins an episode.</summary>
    void Reset(Pcg64 random);

    /// <summary>Makes one step of an episode that has not ended.</summary>
    StepResult Step(MinAtarMove move, Pcg64 random);

    /// <summary>Sets the cells of an empty picture.</summary>
    void Draw(CellPicture picture);

    /// <summary>Writes where everything is, after a <see cref="Reset"/>.</summary>
    void SaveState(BinaryWriter writer);

    /// <summary>Reads what <see cref="SaveState"/> wrote.</summary>
    /// <exception cref="InvalidDataException">The data is not such a state.</exception>
    void LoadState(BinaryReader reader);
}
