namespace Dqn.Environments;

/// <summary>What swims along a row of Seaquest: a fish, a submarine, a diver or, without timers, a bullet.</summary>
/// <param name="X">Its column.</param>
/// <param name="Y">Its row.</param>
/// <param name="MovesRight">Its direction.</param>
/// <param name="MoveTimer">Steps until it moves a cell.</param>
/// <param name="ShotTimer">Steps until it shoots, of submarines.</param>
internal readonly record struct Swimmer(int X, int Y, bool MovesRight, int MoveTimer = 0, int ShotTimer = 0)
{
    /// <summary>Whether it is in the picture.</summary>
    public bool IsInside => CellPicture.IsInside(X);

    /// <summary>The column that it came from.</summary>
    public int TrailX => MovesRight ? X - 1 : X + 1;

    /// <summary>One cell further.</summary>
    public Swimmer Moved => this with { X = MovesRight ? X + 1 : X - 1 };

    public bool IsAt(int x, int y) => X == x && Y == y;

    public bool IsAt(Swimmer other) => IsAt(other.X, other.Y);
}
